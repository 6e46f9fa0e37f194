package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"battlemap/app/audit"
	"battlemap/app/notify"
)

// This file is the only reader of flags and environment. Secrets come from files or the environment, never from flags: flags show in process lists.

// commands is the command line.
type commands struct {
	Demo     demoCommand     `cmd:"" help:"Create the example district and play its year: a page in the browser, nothing to set up."`
	Serve    serveCommand    `cmd:"" help:"Serve a district. The first start prints a one-time link to set it up."`
	Job      jobCommand      `cmd:"" help:"Run one job now, under its lease: sweep, deliver, checkpoint, publish, tidy or doctor."`
	Migrate  migrateCommand  `cmd:"" help:"Bring the database's schema up to date."`
	User     userCommand     `cmd:"" help:"List people, add one, or set a password, on this machine."`
	Backup   backupCommand   `cmd:"" help:"Save an SQLite database with its uploaded files in one file while the server runs; the doctor has looked at what is saved."`
	Restore  restoreCommand  `cmd:"" help:"Restore a backup into an empty folder, bring its schema up to date and examine it."`
	Export   exportCommand   `cmd:"" help:"Write the journal as a zip that auditverify verifies."`
	Archive  archiveCommand  `cmd:"" help:"Write a year as an archive package: records with proofs, lists, papers, files, rules, people, with how to verify."`
	Doctor   doctorCommand   `cmd:"" help:"Prove that the database is as the program left it: triggers, journal, checkpoints, rows, files. Looks only; exit code 0 sound, 1 broken, 2 could not look."`
	Rules    rulesCommand    `cmd:"" help:"Check, test, draw, compare, explain and simulate rule sets; docs/rules.md teaches how to write them."`
	Calendar calendarCommand `cmd:"" help:"Read a notice of days off, or count a term day by day."`
	Keygen   keygenCommand   `cmd:"" help:"Make the key that signs checkpoints, and print its public half."`
	Key      keyCommand      `cmd:"" help:"Replace the key that signs checkpoints."`
	Config   configCommand   `cmd:"" help:"Print the effective configuration, secrets masked."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

// storage says where the data are.
type storage struct {
	Data     string `help:"Folder of the SQLite database, the signing key and the state of this installation." default:"battlemap-data" env:"BATTLEMAP_DATA" type:"path"`
	Database string `help:"PostgreSQL URL instead of SQLite; better given in the environment, since it holds a password." env:"BATTLEMAP_DATABASE" placeholder:"URL"`
	Files    string `help:"Folder of uploaded photos and documents; part of the data, to be saved with them. <data>/files beside an SQLite database; with PostgreSQL nothing can be uploaded until it is given." env:"BATTLEMAP_FILES" type:"path"`
	Node     string `help:"Name of this node in leases; the host name when empty." env:"BATTLEMAP_NODE"`
	KeyName  string `help:"Name of the signing key, which is the origin of the journal." default:"battlemap" env:"BATTLEMAP_KEY_NAME"`
}

// reading says where the data are for commands that only look: nothing is made, migrated or written.
type reading struct {
	Data     string `help:"Folder of the SQLite database; one of the demonstration is read on its own clock." default:"battlemap-data" env:"BATTLEMAP_DATA" type:"path"`
	Database string `help:"PostgreSQL URL instead of SQLite; better given in the environment, since it holds a password." aliases:"db" env:"BATTLEMAP_DATABASE" placeholder:"URL"`
	Lang     string `help:"Language of the output: zh or en." enum:"zh,en" default:"zh"`
	JSON     bool   `name:"json" help:"Print JSON for another program."`
}

// listening says where people come in.
type listening struct {
	Listen    string        `help:"Address to listen on. The default is this machine only; 0.0.0.0:8080 lets the intranet in." default:"127.0.0.1:8080" env:"BATTLEMAP_LISTEN" placeholder:"HOST:PORT"`
	BaseURL   string        `help:"Address that people use, for links in mail; https means that cookies are sent over https only." env:"BATTLEMAP_BASE_URL" placeholder:"URL"`
	PlainHTTP bool          `name:"plain-http" help:"Let other machines in over plain http, without a TLS proxy: passwords and sessions travel unencrypted, and every page says so." env:"BATTLEMAP_PLAIN_HTTP"`
	Answer    time.Duration `name:"answer-within" help:"A request without an answer after so long is given up, and the person is told; 0 waits for ever. On SQLite a write waits for the disk, however long that takes." default:"2m" env:"BATTLEMAP_ANSWER_WITHIN"`
	Proxy     []string      `help:"Networks of reverse proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8." env:"BATTLEMAP_PROXY"`
}

// mailing says which mail server takes the reminders; without a host nothing is mailed.
type mailing struct {
	SMTPHost     string        `name:"smtp-host" help:"Mail server for reminders; without it reminders go to the inbox only." env:"BATTLEMAP_SMTP_HOST"`
	SMTPPort     int           `name:"smtp-port" help:"Port of the mail server." default:"587" env:"BATTLEMAP_SMTP_PORT"`
	SMTPTLS      string        `name:"smtp-tls" help:"How the connection is secured: starttls, tls or none." enum:"starttls,tls,none" default:"starttls" env:"BATTLEMAP_SMTP_TLS"`
	SMTPUser     string        `name:"smtp-user" help:"Account on the mail server." env:"BATTLEMAP_SMTP_USER"`
	SMTPFrom     string        `name:"smtp-from" help:"Sender of the reminders." env:"BATTLEMAP_SMTP_FROM"`
	SMTPTimeout  time.Duration `name:"smtp-timeout" help:"How long the mail server may take." default:"30s" env:"BATTLEMAP_SMTP_TIMEOUT"`
	PasswordFile string        `name:"smtp-password-file" help:"File that holds the password of the mail account; or set BATTLEMAP_SMTP_PASSWORD." env:"BATTLEMAP_SMTP_PASSWORD_FILE" type:"path"`
}

// sessions says how long a browser stays signed in.
type sessions struct {
	SessionIdle time.Duration `help:"A session unused for longer ends." default:"2h" env:"BATTLEMAP_SESSION_IDLE"`
	SessionMax  time.Duration `help:"A session older than this ends." default:"12h" env:"BATTLEMAP_SESSION_MAX"`
	ConfirmFor  time.Duration `help:"How long a password counts as just given: exports, grants, keys and the publishing of rules ask for it again after that." default:"15m" env:"BATTLEMAP_CONFIRM_FOR"`
}

func (m mailing) password() (string, error) {
	if m.PasswordFile == "" {
		return os.Getenv("BATTLEMAP_SMTP_PASSWORD"), nil
	}
	text, err := os.ReadFile(m.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("read the mail password: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// sender is the mail server, nil when none is configured.
func (m mailing) sender() (*notify.SMTP, error) {
	if m.SMTPHost == "" {
		return nil, nil
	}
	password, err := m.password()
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("ask for the host name: %w", err)
	}
	return notify.NewSMTP(notify.Options{Host: m.SMTPHost, Port: m.SMTPPort, TLS: m.SMTPTLS, Username: m.SMTPUser, Password: password,
		From: m.SMTPFrom, Timeout: m.SMTPTimeout, LocalName: host})
}

// database is what app.Open takes; the folder is made when it is missing.
func (s storage) database() (string, error) {
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return "", fmt.Errorf("make the data folder: %w", err)
	}
	if s.Database != "" {
		return s.Database, nil
	}
	return "sqlite:" + filepath.Join(s.Data, "battlemap.db"), nil
}

// files is the folder of uploads, "" for none.
func (s storage) files() string {
	if s.Files == "" && s.Database == "" {
		return filepath.Join(s.Data, "files")
	}
	return s.Files
}

func (s storage) node() (string, error) {
	if s.Node != "" {
		return s.Node, nil
	}
	host, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("ask for the host name: %w", err)
	}
	// Two processes on one host are two nodes.
	return fmt.Sprintf("%s-%d", host, os.Getpid()), nil
}

// keys reads the key pair of the installation, and makes one when there is none.
func (s storage) keys() (private, public string, err error) {
	private, public, err = s.readKeys()
	if !errors.Is(err, fs.ErrNotExist) {
		return private, public, err
	}
	if _, err := os.Stat(s.publicFile()); err == nil { // a second key would fit no checkpoint of this journal
		return "", "", fmt.Errorf("the signing key %s is gone, its public half is there: put the key back", s.privateFile())
	}
	private, public, err = audit.NewKey(s.KeyName, rand.Reader)
	if err != nil {
		return "", "", err
	}
	// O_EXCL: a key that is there is never written over.
	if err := writeNew(s.privateFile(), private); err != nil {
		return "", "", err
	}
	return private, public, writeNew(s.publicFile(), public)
}

func (s storage) privateFile() string { return filepath.Join(s.Data, "checkpoint.key") }
func (s storage) publicFile() string  { return filepath.Join(s.Data, "checkpoint.pub") }

func (s storage) readKeys() (private, public string, err error) {
	a, err := os.ReadFile(s.privateFile())
	if err != nil {
		return "", "", fmt.Errorf("read the signing key: %w", err)
	}
	b, err := os.ReadFile(s.publicFile())
	if err != nil {
		return "", "", fmt.Errorf("read the public key: %w", err)
	}
	return string(bytes.TrimSpace(a)), string(bytes.TrimSpace(b)), nil
}

func writeNew(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the key: %w", err)
	}
	_, err = fmt.Fprintln(f, text)
	return errors.Join(err, f.Sync(), f.Close())
}

func (l listening) secure() bool { return strings.HasPrefix(l.BaseURL, "https://") }

// plain tells whether other machines come in over plain http. Nobody slides into that: it is an error unless the operator has chosen it.
func (l listening) plain() (bool, error) {
	host, _, err := net.SplitHostPort(l.Listen)
	if err != nil {
		return false, fmt.Errorf("listen on %q: %w", l.Listen, err)
	}
	ip := net.ParseIP(host)
	if l.secure() || host == "localhost" || ip != nil && ip.IsLoopback() {
		return false, nil
	}
	if !l.PlainHTTP {
		return false, fmt.Errorf("%s lets other machines in, and without https anybody on the way can read passwords and sessions: give --base-url https://… with a TLS proxy in front, or choose plain http with --plain-http", l.Listen)
	}
	return true, nil
}

func (l listening) proxies() ([]*net.IPNet, error) {
	var out []*net.IPNet
	for _, text := range l.Proxy {
		_, n, err := net.ParseCIDR(text)
		if err != nil {
			return nil, fmt.Errorf("trusted proxy %q: %w", text, err)
		}
		out = append(out, n)
	}
	return out, nil
}
