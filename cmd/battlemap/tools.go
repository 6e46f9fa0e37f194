package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// with opens the App, runs f and closes it.
func (s storage) with(ctx context.Context, log *slog.Logger, f func(*app.App) error) error {
	a, err := s.open(ctx, log)
	if err != nil {
		return err
	}
	return errors.Join(f(a), a.Close())
}

type jobCommand struct {
	Name       string `arg:"" help:"sweep, deliver, checkpoint, publish, tidy or doctor."`
	storage    `embed:""`
	mailing    `embed:""`
	witnessing `embed:""`
	BaseURL    string `help:"Address that people use, for links in mail." env:"BATTLEMAP_BASE_URL" placeholder:"URL"`
}

// Run runs one job now; the jobs of other nodes are kept out by its lease.
func (c *jobCommand) Run(ctx context.Context, log *slog.Logger) error {
	set, err := templates.New(templates.Options{})
	if err != nil {
		return err
	}
	return c.with(ctx, log, func(a *app.App) error {
		s := serveCommand{storage: c.storage, mailing: c.mailing, witnessing: c.witnessing, listening: listening{BaseURL: c.BaseURL}}
		bells, err := s.bells(a, set, log)
		if err != nil {
			return err
		}
		return bells.Once(ctx, c.Name)
	})
}

type migrateCommand struct {
	storage `embed:""`
}

// Run opens the database, which migrates it.
func (c *migrateCommand) Run(ctx context.Context, log *slog.Logger) error {
	return c.with(ctx, log, func(a *app.App) error {
		size, err := a.JournalSize(ctx)
		if err == nil {
			fmt.Printf("schema up to date, %d records; battlemap doctor says whether they are sound\n", size)
		}
		return err
	})
}

type exportCommand struct {
	storage `embed:""`
	Out     string `help:"File to write." default:"journal.zip" type:"path"`
}

// Run writes the journal as a zip; the export is itself recorded.
func (c *exportCommand) Run(ctx context.Context, log *slog.Logger) error {
	return c.with(ctx, log, func(a *app.App) error {
		f, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("write the export: %w", err)
		}
		err = errors.Join(a.ExportJournal(ctx, app.Setup("export"), f), f.Sync(), f.Close())
		if err != nil {
			return errors.Join(err, os.Remove(c.Out))
		}
		fmt.Printf("%s\nverify it with: auditverify -key %s %s\n", c.Out, c.publicFile(), c.Out)
		return nil
	})
}

type keygenCommand struct {
	storage `embed:""`
}

// Run makes the key pair when there is none, and prints the public half.
func (c *keygenCommand) Run() error {
	if _, err := c.database(); err != nil {
		return err
	}
	_, public, err := c.keys()
	if err == nil {
		fmt.Println(public)
	}
	return err
}

type configCommand struct {
	storage    `embed:""`
	listening  `embed:""`
	mailing    `embed:""`
	sessions   `embed:""`
	witnessing `embed:""`
}

// Run prints the effective configuration as YAML; what may be secret is masked.
func (c *configCommand) Run() error {
	password, err := c.password()
	if err != nil {
		return err
	}
	out := map[string]any{
		"data": c.Data, "files": c.files(), "database": maskURL(c.Database), "key_name": c.KeyName, "listen": c.Listen, "base_url": c.BaseURL, "proxies": c.Proxy,
		"smtp_host": c.SMTPHost, "smtp_port": c.SMTPPort, "smtp_tls": c.SMTPTLS, "smtp_user": c.SMTPUser, "smtp_from": c.SMTPFrom, "smtp_timeout": c.SMTPTimeout.String(),
		"smtp_password": mask(password), "session_idle": c.SessionIdle.String(), "session_max": c.SessionMax.String(),
		"witness_folder": c.WitnessFolder, "witness_host": c.WitnessHost, "witness_timeout": c.WitnessWait.String(),
	}
	return yaml.NewEncoder(os.Stdout).Encode(out)
}

func mask(secret string) string {
	if secret == "" {
		return ""
	}
	return "********"
}

// maskURL hides the user information of a URL.
func maskURL(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return mask(url)
	}
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		rest = mask("x") + rest[at:]
	}
	return scheme + "://" + rest
}

type userCommand struct {
	List     userList     `cmd:"" help:"List accounts."`
	Add      userAdd      `cmd:"" help:"Add an account to a unit, with a role."`
	Password userPassword `cmd:"" help:"Set a password, read from standard input."`
}

type userList struct {
	storage `embed:""`
}

// Run lists accounts, names, units and whether they are open.
func (c *userList) Run(ctx context.Context, log *slog.Logger) error {
	return c.with(ctx, log, func(a *app.App) error {
		d, err := a.Directory(ctx)
		if err != nil {
			return err
		}
		for _, u := range d.UserList() {
			state := "open"
			if u.Disabled {
				state = "shut"
			}
			fmt.Printf("%s\t%s\t%s\t%s\n", u.Account, u.Name, d.Units[u.UnitID].Name, state)
		}
		return nil
	})
}

type userAdd struct {
	Account string `arg:"" help:"Account: small letters, digits, dots."`
	storage `embed:""`
	Name    string `required:"" help:"Name of the person."`
	Unit    string `required:"" help:"Code or name of the unit."`
	Role    string `help:"Role in the district, such as administrator."`
	Email   string `help:"Address for reminders."`
}

// Run adds an account without a password; set one with user password, or let an administrator invite the person.
func (c *userAdd) Run(ctx context.Context, log *slog.Logger) error {
	return c.with(ctx, log, func(a *app.App) error {
		d, err := a.Directory(ctx)
		if err != nil {
			return err
		}
		setup := app.Setup("command line")
		for _, unit := range d.UnitList() {
			if unit.Code != c.Unit && unit.Name != c.Unit {
				continue
			}
			u, err := a.AddUser(ctx, setup, app.AddUser{Account: c.Account, Name: c.Name, Email: c.Email, UnitID: unit.ID})
			if err != nil || c.Role == "" {
				return err
			}
			_, err = a.Grant(ctx, setup, app.Grant{UserID: u.ID, Role: workflows.Role(c.Role), Scope: "district"})
			return err
		}
		return fmt.Errorf("no unit %q", c.Unit)
	})
}

type userPassword struct {
	Account string `arg:"" help:"Account."`
	storage `embed:""`
}

// Run sets the password from the first line of standard input and ends the account's sessions.
func (c *userPassword) Run(ctx context.Context, log *slog.Logger) error {
	return c.with(ctx, log, func(a *app.App) error {
		line, err := bufio.NewReader(os.Stdin).ReadString('\n')
		if err != nil && line == "" {
			return fmt.Errorf("read the password from standard input: %w", err)
		}
		return a.ResetPassword(ctx, app.Setup("command line"), c.Account, strings.TrimRight(line, "\r\n"))
	})
}
