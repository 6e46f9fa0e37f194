package templates

// ChartPages are the pages of charts.
type ChartPages struct {
	List Page[ChartsPage]
}

func newChartPages(p *parser) ChartPages {
	return ChartPages{List: page[ChartsPage](p, "pages/charts/list.html")}
}

// ChartsPage is all charts of a choice of projects and months.
type ChartsPage struct {
	Fields []Field
	Reset  string // address without filters, "" when none is set
	Charts []Chart
}

// Chart is the argument of "chart": a table that charts.js draws. The table is the chart where nothing is drawn.
type Chart struct {
	ID, Title, Note string
	Kind            string // "bars", "stack" or "lines"
	Label           string // what the drawing shows, in words, for those who do not see it
	Unit            string // of the value axis
	Row             string // head of the rows' names
	Series          []ChartSeries
	Rows            []ChartRow
	File, CSV       string // name of the files without ending; address of the table as CSV
	Empty           []Empty
}

// ChartSeries is a column. Draw is how it is drawn, "" for a column of the table alone: "bar", "frame" (an outline around the bar), "line" or "dashes".
// Tone names a colour of the style sheet without its dashes; Goal is a value to mark with a line.
type ChartSeries struct{ Name, Draw, Tone, Goal, GoalText string }

// ChartRow is a row: a task force, an age, a day.
type ChartRow struct {
	Name  string
	Cells []ChartCell
}

// ChartCell is a value in words, and as a plain number for the drawing and the file; Value is "" where nothing is known.
type ChartCell struct{ Text, Value, Class string }
