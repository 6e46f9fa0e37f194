package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Outbound is the one HTTP client that calls addresses which people have entered. A name is resolved once and only an address that was checked is dialled; what is
// not public is refused, unless the operator has named the host; redirects are not followed; no proxy is asked.
type Outbound struct {
	client  *http.Client
	allowed []string
}

// OutboundOptions say whom the client may call beside the public network.
type OutboundOptions struct {
	// Allowed names hosts of the intranet, "witness.example" for port 443 or "10.1.2.3:8443", that may be called although their address is not public.
	Allowed []string
	RootCAs *x509.CertPool // whom to believe about certificates; nil: what the system believes
	Timeout time.Duration  // for one call as a whole; must be positive
	// Lookup resolves a name; nil: the system's resolver.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
}

// maxAnswer is how much of an answer is read.
const maxAnswer = 64 << 10

// errNotPublic means that an address is not one of the public network.
var errNotPublic = errors.New("the address is not public, and the operator has not allowed this host")

// NewOutbound checks the options.
func NewOutbound(o OutboundOptions) (*Outbound, error) {
	if o.Timeout <= 0 {
		return nil, fmt.Errorf("outbound: timeout %s is not positive", o.Timeout)
	}
	if o.Lookup == nil {
		o.Lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	out := &Outbound{}
	for _, host := range o.Allowed {
		if _, _, err := net.SplitHostPort(host); err != nil {
			host = net.JoinHostPort(strings.Trim(host, "[]"), "443")
		}
		out.allowed = append(out.allowed, strings.ToLower(host))
	}
	dial := func(ctx context.Context, network, at string) (net.Conn, error) {
		to, err := out.resolve(ctx, o.Lookup, at)
		if err != nil {
			return nil, err
		}
		return (&net.Dialer{}).DialContext(ctx, network, to)
	}
	out.client = &http.Client{Timeout: o.Timeout,
		Transport: &http.Transport{DialContext: dial, TLSClientConfig: &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12}, TLSHandshakeTimeout: o.Timeout,
			DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: maxAnswer},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return out, nil
}

// resolve turns host:port into the address that is dialled. One name that leads to a public and to a private address is refused: which one is taken would be chance.
func (o *Outbound) resolve(ctx context.Context, lookup func(context.Context, string) ([]netip.Addr, error), at string) (string, error) {
	host, port, err := net.SplitHostPort(at)
	if err != nil {
		return "", err
	}
	addresses := []netip.Addr{}
	if one, err := netip.ParseAddr(host); err == nil {
		addresses = append(addresses, one)
	} else if addresses, err = lookup(ctx, host); err != nil {
		return "", err
	}
	if len(addresses) == 0 {
		return "", fmt.Errorf("%s has no address", host)
	}
	known := slices.Contains(o.allowed, strings.ToLower(at))
	if !known && port != "443" {
		return "", fmt.Errorf("port %s: %w", port, errNotPublic)
	}
	for _, a := range addresses {
		if !known && !public(a) {
			return "", fmt.Errorf("%s: %w", host, errNotPublic)
		}
	}
	return net.JoinHostPort(addresses[0].Unmap().String(), port), nil
}

// public tells whether an address belongs to the public network: not this machine, not this network, and none of the ways to write those otherwise.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	return !slices.ContainsFunc(reserved(), func(p netip.Prefix) bool { return p.Contains(a) })
}

// reserved are the ranges (RFC 6890 and its successors) that the standard library counts as global unicast although nobody outside answers there, or that carry
// another address inside: NAT64, SIIT, 6to4 and Teredo lead to whatever IPv4 address is written into them.
func reserved() []netip.Prefix {
	var out []netip.Prefix
	for _, text := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10"} {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}

// Reply is what the other side of a POST said.
type Reply struct {
	Status int
	Body   []byte // at most 64 KiB of it
}

// Post makes one attempt to hand a text over to an https address. The same text twice must harm nobody there: silence after it was handed over is tried again.
func (o *Outbound) Post(ctx context.Context, address, kind string, text []byte) (Outcome, Reply, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return Failed, Reply{}, errors.New("not an https address")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(text))
	if err != nil {
		return Failed, Reply{}, errors.New("not an https address")
	}
	request.Header.Set("Content-Type", kind)
	request.Header.Set("User-Agent", "battlemap")
	answer, err := o.client.Do(request)
	switch {
	case errors.Is(err, errNotPublic):
		return Failed, Reply{}, errNotPublic
	case err != nil:
		// The client's own text names addresses of the network inside; whoever entered the witness has no business with them.
		return Retry, Reply{}, reachFault(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return Retry, Reply{}, errors.New("the answer broke off")
	}
	r := Reply{Status: answer.StatusCode, Body: body}
	return judge(r.Status), r, nil
}

// judge says what a status means for a later attempt.
func judge(status int) Outcome {
	switch {
	case status >= 200 && status < 300:
		return Accepted
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500:
		return Retry
	}
	return Failed
}

func reachFault(err error) error {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	timeout, isTimeout := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	switch {
	case errors.As(err, &name):
		return errors.New("the name can't be resolved")
	case errors.As(err, &certificate):
		return errors.New("the certificate is not believed")
	case isTimeout && timeout.Timeout():
		return errors.New("no answer in time")
	case errors.Is(err, syscall.ECONNREFUSED):
		return errors.New("the connection was refused")
	}
	return errors.New("the other side can't be reached")
}

// Folder puts files into folders that the operator has named, and nowhere else.
type Folder struct{ Folders []string }

// Put writes a file as a whole or not at all, and onto the disk before it says so: a temporary file, flushed, then named. A file that is there is never written over;
// one with the same bytes counts as written.
func (f Folder) Put(folder, name string, text []byte) (outcome Outcome, err error) {
	if !slices.Contains(f.Folders, folder) || name != filepath.Base(name) || strings.HasPrefix(name, ".") {
		return Failed, errors.New("the operator has not named this folder")
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return Retry, errors.New("the folder is not there") // a medium that is not in its drive now may be later
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	there, err := root.ReadFile(name)
	switch {
	case err == nil && bytes.Equal(there, text):
		return Accepted, nil
	case err == nil:
		return Failed, errors.New("another file of this name is there")
	case !errors.Is(err, os.ErrNotExist):
		return Retry, errors.New("the folder can't be read")
	}
	if err := place(root, name, text); err != nil {
		return Retry, err
	}
	return Accepted, nil
}

// place writes beside the name and links the file there: a link fails where the name is taken, which renaming would not. Media without links are renamed to.
func place(root *os.Root, name string, text []byte) error {
	temporary := "." + name + ".part"
	if err := root.Remove(temporary); err != nil && !errors.Is(err, os.ErrNotExist) { // of an earlier life
		return errors.New("the folder can't be written to")
	}
	file, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return errors.New("the folder can't be written to")
	}
	_, err = file.Write(text)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.New("the file could not be written to the disk")
	}
	err = root.Link(temporary, name)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.ENOSYS) {
		err = root.Rename(temporary, name)
	} else if err == nil {
		err = root.Remove(temporary)
	}
	if err != nil {
		return errors.New("the file could not be named")
	}
	dir, err := root.Open(".")
	if err != nil {
		return errors.New("the folder can't be read")
	}
	return errors.Join(dir.Sync(), dir.Close())
}
