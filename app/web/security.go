package web

import (
	"slices"

	"battlemap/app"
)

// noteRefusal writes a line of the operations log about somebody who was refused: who, from where, what, and why. The time and the request id stand in every line. It is
// no record of the journal: a refused request changes nothing there, else anybody could fill it. The address is written as its pattern with the names of what it
// is about, never with a token.
func (s *server) noteRefusal(c *call, faults app.Faults) {
	kinds := []app.Kind{app.Denied, app.Missing, app.Limited}
	if len(faults) == 0 || !slices.Contains(kinds, faults[0].Kind) {
		return
	}
	who := "nobody"
	if c.user != nil {
		who = c.user.Account
	}
	s.Log.Warn("refused", "event", "security."+string(faults[0].Kind), "reason", faults[0].Key, "who", who, "address", c.RealIP(), "method", c.Request().Method, "path", c.Path(), "object", c.object(), "id", c.id())
}

// object names what the path of a request is about, without tokens.
func (c *call) object() string {
	text := ""
	for _, name := range c.ParamNames() {
		if name == "token" || name == "*" {
			continue
		}
		if text != "" {
			text += " "
		}
		text += name + "=" + c.Param(name)
	}
	return text
}
