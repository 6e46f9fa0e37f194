package app_test

import (
	"context"

	"battlemap/app"
)

// talk is what was said and handed in on the ticket in progress; nothing before the verbs were tried by who may.
func (c *scene) talk() (code string, comment int64) {
	talk, err := c.w.App.Talk(context.Background(), app.System("test"), "ticket", c.running)
	if err != nil {
		panic(err)
	}
	for _, f := range talk.Documents {
		code = f.Code
	}
	for _, one := range talk.Comments {
		comment = one.ID
	}
	return code, comment
}

// fileVerbs are the verbs about files and words; a stranger may add neither, and withdraw nothing of others.
func (c *scene) fileVerbs() []verb {
	ctx, a := context.Background(), c.w.App
	return []verb{
		{"AddAttachment", "gxj.hand", func(as app.Actor) error {
			return second(a.AddAttachment(ctx, as, app.AddAttachment{ItemKind: "ticket", Item: c.running, Kind: "document", Name: "示例.txt", Data: []byte("示例")}))
		}},
		{"WithdrawAttachment", "gxj.hand", func(as app.Actor) error {
			code, _ := c.talk()
			return a.WithdrawAttachment(ctx, as, app.WithdrawAttachment{ItemKind: "ticket", Item: c.running, Code: code, Reason: "示例"})
		}},
		{"AddComment", "gxj.hand", func(as app.Actor) error {
			return second(a.AddComment(ctx, as, app.AddComment{ItemKind: "ticket", Item: c.running, Body: "示例"}))
		}},
		{"WithdrawComment", "gxj.hand", func(as app.Actor) error {
			_, said := c.talk()
			return a.WithdrawComment(ctx, as, app.WithdrawComment{ItemKind: "ticket", Item: c.running, Comment: said})
		}},
	}
}
