package app

import "battlemap/workflows"

// supervisionReaders may open the supervision desk: supervisors and their director, and inspectors, who only read.
func supervisionReaders() []workflows.Role {
	return []workflows.Role{workflows.RoleSupervisor, workflows.RoleSupervisionDirector, workflows.RoleInspector}
}
