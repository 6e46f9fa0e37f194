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
	ctx, stop := untilTold()
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

// untilTold is a context that ends when the process is told to stop. A file that may not grow further (ulimit -f) is an error for whoever writes it, as on a full disk, not
// the end of the process.
func untilTold() (context.Context, context.CancelFunc) {
	signal.Ignore(syscall.SIGXFSZ)
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
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
