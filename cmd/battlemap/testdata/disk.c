// A disk that fails on request, for the fault programme: cc -shared -fPIC -o disk.so disk.c -ldl, then LD_PRELOAD=disk.so.
// It stands between SQLite and the kernel, for files whose name holds $DISK_MATCH. $DISK_CONTROL is a file of nine 64-bit numbers that the test writes:
//   0 what fails: 1 sync, 2 write and growth, 4 opening for writing, creating, removing    1 its errno
//   2 which such call fails first, from 1    3 not 0: all that come after it fail too    4 only files whose name ends so: 1 -wal, 2 .db
// and that it counts in: 5 calls that could have failed    6 that did    7 bytes in the record of all writes, $DISK_TRACE, if that is given
//   8 when the -wal last changed through this library, in nanoseconds; -1 while it changes.
// What Go writes passes the library by. It notices that for the -wal by the file's time at the next call, and records all of the file as written, not as synced.
// A record is four 64-bit numbers: 1 write, 2 truncate, 3 sync, 4 remove, 5 a sync that failed; which file (1 -wal, 2 .db); offset or new size; length; then the bytes.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile int64_t *control;
static const char *match;
static int trace = -1;

static int (*real_open)(const char *, int, ...);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_unlink)(const char *);

__attribute__((constructor)) static void begin(void) {
  real_open = dlsym(RTLD_NEXT, "open");
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
  real_unlink = dlsym(RTLD_NEXT, "unlink");
  match = getenv("DISK_MATCH");
  const char *name = getenv("DISK_CONTROL");
  int fd = name ? real_open(name, O_RDWR) : -1;
  if (fd >= 0) control = mmap(0, 72, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (control == MAP_FAILED) control = 0;
  if ((name = getenv("DISK_TRACE"))) trace = real_open(name, O_WRONLY | O_CREAT | O_APPEND, 0600);
}

static int ends(const char *path, const char *tail) {
  size_t n = strlen(path), m = strlen(tail);
  return n >= m && !strcmp(path + n - m, tail);
}

// which tells a file of interest: 1 -wal, 2 .db, 3 another, 0 none.
static int which(const char *path) {
  if (!control || !match || !strstr(path, match)) return 0;
  if (ends(path, "-wal")) return 1;
  if (ends(path, ".db")) return 2;
  return 3;
}

// path_of is the path of an open file, "" for what has none.
static void path_of(int fd, char *path, size_t n) {
  char link[40];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t m = readlink(link, path, n - 1);
  path[m < 0 ? 0 : m] = 0;
}

static int whose(int fd) {
  char path[4096];
  if (!control) return 0;
  path_of(fd, path, sizeof path);
  return which(path);
}

// fails counts a call that could fail and tells whether it does.
static int fails(int what, int file) {
  if (!(control[0] & what) || (control[4] && control[4] != file)) return 0;
  int64_t n = __atomic_add_fetch(&control[5], 1, __ATOMIC_SEQ_CST);
  if (n < control[2] || (n > control[2] && !control[3])) return 0;
  __atomic_add_fetch(&control[6], 1, __ATOMIC_SEQ_CST);
  errno = (int)control[1];
  return 1;
}

static void record(int64_t kind, int file, int64_t at, int64_t length, const void *bytes) {
  if (trace < 0 || file > 2) return;
  int64_t head[4] = {kind, file, at, length};
  if (real_write(trace, head, sizeof head) != sizeof head) abort();
  if (bytes && real_write(trace, bytes, length) != length) abort();
  __atomic_add_fetch(&control[7], (int64_t)sizeof head + (bytes ? length : 0), __ATOMIC_SEQ_CST);
}

// changed is when an open file last changed, in nanoseconds.
static int64_t changed(int fd, off_t *size) {
  struct stat about;
  if (fstat(fd, &about)) abort();
  *size = about.st_size;
  return about.st_mtim.tv_sec * 1000000000ll + about.st_mtim.tv_nsec;
}

// notice records what was written into the -wal behind the back of this library since its last call.
static void notice(int fd, int file) {
  char path[4096 + sizeof "-wal"];
  off_t size;
  if (trace < 0 || file > 2 || control[8] <= 0) return;
  path_of(fd, path, 4096);
  if (file == 2) strcat(path, "-wal");
  int log = real_open(path, O_RDONLY);
  if (log < 0) return; // there is none
  int64_t now = changed(log, &size);
  if (now != control[8]) {
    char *bytes = malloc(size + 1);
    if (!bytes || pread(log, bytes, size, 0) != size) abort();
    record(1, 1, 0, size, bytes);
    free(bytes);
    control[8] = now;
  }
  close(log);
}

// changing and settled stand around each change of a -wal through this library.
static void changing(int file) {
  if (file == 1) control[8] = -1;
}

static void settled(int fd, int file) {
  off_t size;
  if (file == 1) control[8] = changed(fd, &size);
}

static ssize_t written(int fd, int file, const void *bytes, size_t n, off_t at, int seek) {
  pthread_mutex_lock(&lock);
  ssize_t done = -1;
  notice(fd, file);
  if (!fails(2, file)) {
    if (seek) at = lseek(fd, 0, SEEK_CUR);
    changing(file);
    done = seek ? real_write(fd, bytes, n) : real_pwrite(fd, bytes, n, at);
    if (done > 0) record(1, file, at, done, bytes);
    settled(fd, file);
  }
  int error = errno;
  pthread_mutex_unlock(&lock);
  errno = error;
  return done;
}

ssize_t write(int fd, const void *bytes, size_t n) {
  int file = whose(fd);
  return file ? written(fd, file, bytes, n, 0, 1) : real_write(fd, bytes, n);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) {
  int file = whose(fd);
  return file ? written(fd, file, bytes, n, at, 0) : real_pwrite(fd, bytes, n, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) { return pwrite(fd, bytes, n, at); }

static int synced(int fd, int (*real)(int)) {
  int file = whose(fd);
  if (!file) return real(fd);
  pthread_mutex_lock(&lock);
  int done = -1;
  notice(fd, file);
  if (!fails(1, file)) done = real(fd);
  record(done ? 5 : 3, file, 0, 0, 0);
  int error = errno;
  pthread_mutex_unlock(&lock);
  errno = error;
  return done;
}

int fsync(int fd) { return synced(fd, real_fsync); }
int fdatasync(int fd) { return synced(fd, real_fdatasync); }

int ftruncate(int fd, off_t size) {
  int file = whose(fd);
  if (!file) return real_ftruncate(fd, size);
  pthread_mutex_lock(&lock);
  int done = -1;
  notice(fd, file);
  if (!fails(2, file)) {
    changing(file);
    if (!(done = real_ftruncate(fd, size))) record(2, file, size, 0, 0);
    settled(fd, file);
  }
  int error = errno;
  pthread_mutex_unlock(&lock);
  errno = error;
  return done;
}

int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

int unlink(const char *path) {
  int file = which(path);
  if (!file) return real_unlink(path);
  pthread_mutex_lock(&lock);
  int done = -1;
  if (!fails(4, file)) {
    changing(file);
    if (!(done = real_unlink(path))) record(4, file, 0, 0, 0);
  }
  int error = errno;
  pthread_mutex_unlock(&lock);
  errno = error;
  return done;
}

int open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
  va_end(more);
  int file = (flags & O_ACCMODE) != O_RDONLY || flags & O_CREAT ? which(path) : 0;
  if (file && fails(4, file)) return -1;
  return real_open(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open(path, flags, mode);
}
