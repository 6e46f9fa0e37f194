package workflows

import (
	"fmt"
	"strings"
)

// Mermaid draws the machine as a Mermaid state diagram with the titles of one language; moves that leave the state as it
// is are drawn as loops, and a way back out of a pause once for every state that the pause can begin in.
func (m *Machine) Mermaid(lang string) string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, st := range m.States {
		fmt.Fprintf(&b, "    state \"%s\" as %s\n", mermaidText(st.Title.In(lang)), st.ID)
	}
	fmt.Fprintf(&b, "    [*] --> %s\n", m.Initial)
	for _, v := range m.Moves {
		for _, from := range v.From {
			for _, to := range m.targets(v, from) {
				fmt.Fprintf(&b, "    %s --> %s: %s\n", from, to, mermaidText(v.Title.In(lang)))
			}
		}
	}
	for _, st := range m.States {
		if st.Kind == KindDone || st.Kind == KindEnded {
			fmt.Fprintf(&b, "    %s --> [*]\n", st.ID)
		}
	}
	return b.String()
}

// mermaidText replaces the signs that end a label or begin an entity in Mermaid by their full-width twins.
func mermaidText(text string) string {
	return strings.NewReplacer(`"`, "”", ":", "：", ";", "；", "#", "＃", "\n", " ").Replace(text)
}
