// Command battlemap is the product: one binary, one SQLite file or a PostgreSQL database.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c commands
	k := kong.Parse(&c, kong.Name("battlemap"), kong.Description("挂图作战: task forces, key projects and guaranteed responsibilities on a battle map."),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(log); err != nil {
		fmt.Fprintln(os.Stderr, "battlemap:", err)
		if own, ok := errors.AsType[*exitError](err); ok {
			os.Exit(own.code)
		}
		os.Exit(1)
	}
}

type versionCommand struct{}

// Run prints the version that the build knows.
func (versionCommand) Run() error {
	fmt.Println(version())
	return nil
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "battlemap (unknown build)"
	}
	text := "battlemap " + info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			text += " " + s.Value
		}
	}
	return text + " " + info.GoVersion
}
