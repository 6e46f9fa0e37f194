package web

// Row is a row of the table of routes, for tests outside the package.
type Row struct{ Method, Path, Thing, Policy string }

// Table is the table of routes, for tests outside the package.
func Table() []Row {
	var out []Row
	for _, r := range (&server{}).table() {
		out = append(out, Row{r.method, r.path, string(r.object), string(r.policy)})
	}
	return out
}
