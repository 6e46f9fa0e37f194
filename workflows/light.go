package workflows

// Light is the colour of a lamp on a project, a milestone or a ticket.
type Light string

// The lights in rising gravity; stale says that the data are too old to judge.
const (
	LightNone   Light = ""
	LightGreen  Light = "green"
	LightBlue   Light = "blue"
	LightStale  Light = "stale"
	LightYellow Light = "yellow"
	LightOrange Light = "orange"
	LightRed    Light = "red"
)

// Lights returns the lights that are lit, in rising gravity.
func Lights() []Light {
	all := lights()
	return all[:]
}

// lights is the same without an allocation: boards compare thousands of lights.
func lights() [6]Light {
	return [6]Light{LightGreen, LightBlue, LightStale, LightYellow, LightOrange, LightRed}
}

// Worse says whether l is graver than other; an unknown light counts as none.
func (l Light) Worse(other Light) bool { return l.gravity() > other.gravity() }

func (l Light) gravity() int {
	for i, known := range lights() {
		if l == known {
			return i + 1
		}
	}
	return 0
}
