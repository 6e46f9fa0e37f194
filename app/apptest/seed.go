package apptest

import (
	"context"
	"testing"

	"battlemap/app"
	"battlemap/workflows"
)

// Small are the numbers of a small district: two task forces, four units, one person for each part.
type Small struct {
	Units  map[string]int64 // by code
	Forces map[string]int64 // by code
	Users  map[string]int64 // by account
}

// seedUnits, seedUsers and seedGrants describe the small district; 示例 throughout.
func seedUnits() []app.AddUnit {
	return []app.AddUnit{
		{Code: "gxj", Name: "示例工信局", Kind: "bureau"}, {Code: "zjj", Name: "示例住建局", Kind: "bureau"},
		{Code: "dcs", Name: "示例政府督查室", Kind: "bureau"}, {Code: "kpb", Name: "示例考评督导办", Kind: "office"},
	}
}

func seedUsers() []struct{ account, unit, name string } {
	return []struct{ account, unit, name string }{
		{"admin", "dcs", "示例管理员"}, {"leader", "dcs", "示例区领导"}, {"tf1", "gxj", "示例班长一"}, {"tf1m", "gxj", "示例专班员"}, {"tf10", "kpb", "示例班长十"},
		{"gxj.lead", "gxj", "示例工信局长"}, {"gxj.hand", "gxj", "示例工信经办"}, {"zjj.lead", "zjj", "示例住建局长"}, {"zjj.hand", "zjj", "示例住建经办"},
		{"kpb.lead", "kpb", "示例考评办主任"}, {"kpb.hand", "kpb", "示例考评办经办"},
		{"sup", "dcs", "示例督查员"}, {"kpb.sup", "kpb", "示例考评督导员"}, {"dir", "dcs", "示例督查主任"}, {"insp", "dcs", "示例巡察员"}, {"guar", "dcs", "示例包保领导"},
	}
}

func (s *Small) seedGrants() []app.Grant {
	grant := func(account string, role workflows.Role, scope string, id int64) app.Grant {
		return app.Grant{UserID: s.Users[account], Role: role, Scope: scope, ScopeID: id}
	}
	return []app.Grant{
		grant("admin", workflows.RoleAdministrator, "district", 0), grant("leader", workflows.RoleDistrictLeader, "district", 0),
		grant("tf1", workflows.RoleTaskforceLeader, "task_force", s.Forces["1"]), grant("tf1m", workflows.RoleTaskforceMember, "task_force", s.Forces["1"]),
		grant("tf10", workflows.RoleTaskforceLeader, "task_force", s.Forces["10"]),
		grant("gxj.lead", workflows.RoleUnitLeader, "unit", s.Units["gxj"]), grant("gxj.hand", workflows.RoleUnitHandler, "unit", s.Units["gxj"]),
		grant("zjj.lead", workflows.RoleUnitLeader, "unit", s.Units["zjj"]), grant("zjj.hand", workflows.RoleUnitHandler, "unit", s.Units["zjj"]),
		grant("kpb.lead", workflows.RoleUnitLeader, "unit", s.Units["kpb"]), grant("kpb.hand", workflows.RoleUnitHandler, "unit", s.Units["kpb"]),
		grant("sup", workflows.RoleSupervisor, "district", 0), grant("kpb.sup", workflows.RoleSupervisor, "district", 0),
		grant("dir", workflows.RoleSupervisionDirector, "district", 0), grant("insp", workflows.RoleInspector, "district", 0),
	}
}

// Seed fills the district through the same verbs as everyone.
func (w *World) Seed(t testing.TB) *Small {
	t.Helper()
	ctx, setup := context.Background(), app.Setup("test")
	s := &Small{Units: map[string]int64{}, Forces: map[string]int64{}, Users: map[string]int64{}}
	for _, cmd := range seedUnits() {
		u, err := w.App.AddUnit(ctx, setup, cmd)
		Must(t, err, "add unit %s", cmd.Code)
		s.Units[cmd.Code] = u.ID
	}
	for _, p := range seedUsers() {
		u, err := w.App.AddUser(ctx, setup, app.AddUser{Account: p.account, Name: p.name, UnitID: s.Units[p.unit], Email: p.account + "@example.org"})
		Must(t, err, "add user %s", p.account)
		s.Users[p.account] = u.ID
	}
	for _, cmd := range []app.AddTaskForce{
		{Code: "1", Name: "扩工业", LeaderID: s.Users["tf1"], UnitID: s.Units["gxj"]},
		{Code: "10", Name: "考评督导", LeaderID: s.Users["tf10"], UnitID: s.Units["kpb"]},
	} {
		f, err := w.App.AddTaskForce(ctx, setup, cmd)
		Must(t, err, "add task force %s", cmd.Name)
		s.Forces[cmd.Code] = f.ID
	}
	for _, cmd := range s.seedGrants() {
		_, err := w.App.Grant(ctx, setup, cmd)
		Must(t, err, "grant %s", cmd.Role)
	}
	return s
}
