/* Loaded before the C library (LD_PRELOAD). It keeps, in the folder POWER_CUT_KEPT, what a disk would still have after a
   power cut if it had written nothing but what it was told to sync:

     inodes/N   the content of the file with inode N, as it was when it was last synced
     pins/N     a hard link to that file, so that its number is not given to another one
     dirs/N     the entries of the directory with inode N, when it was last synced: `KIND INODE NAME` lines

   An `fsync` of a file does not keep its name: that takes an `fsync` of its directory. The content is read before the
   real sync begins and kept after it has succeeded. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static void fail(const char *what) {
  dprintf(2, "power_cut: %s\n", what);
  abort();
}

static void keep_file(int fd, int to) {
  char own[64], bytes[65536];
  snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
  /* The descriptor may be for writing alone. */
  int from = open(own, O_RDONLY | O_CLOEXEC);
  if (from < 0) fail("cannot read a synced file");
  ssize_t count;
  while ((count = read(from, bytes, sizeof bytes)) > 0)
    if (write(to, bytes, count) != count) fail("cannot keep a synced file");
  if (count < 0) fail("cannot read a synced file");
  close(from);
}

static void keep_dir(int fd, int to) {
  int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = again < 0 ? NULL : fdopendir(again);
  if (!dir) fail("cannot read a synced directory");
  struct dirent *entry;
  while ((entry = readdir(dir)))
    if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
      dprintf(to, "%c %llu %s\n", entry->d_type == DT_DIR ? 'd' : 'f', (unsigned long long)entry->d_ino, entry->d_name);
  closedir(dir);
}

static int sync_and_keep(const char *name, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  const char *kept = getenv("POWER_CUT_KEPT");
  struct stat stat;
  if (!kept || fstat(fd, &stat) || !(S_ISREG(stat.st_mode) || S_ISDIR(stat.st_mode))) return real(fd);
  char place[PATH_MAX], temporary[PATH_MAX + 8], pin[PATH_MAX], own[64];
  int is_dir = S_ISDIR(stat.st_mode);
  snprintf(place, sizeof place, "%s/%s/%llu", kept, is_dir ? "dirs" : "inodes", (unsigned long long)stat.st_ino);
  snprintf(temporary, sizeof temporary, "%s.new", place);
  snprintf(pin, sizeof pin, "%s/pins/%llu", kept, (unsigned long long)stat.st_ino);
  snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
  pthread_mutex_lock(&turn);
  int to = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (to < 0) fail("cannot keep what is synced");
  if (is_dir) keep_dir(fd, to); else keep_file(fd, to);
  close(to);
  int result = real(fd);
  if (result == 0) {
    if (!is_dir) linkat(AT_FDCWD, own, AT_FDCWD, pin, AT_SYMLINK_FOLLOW);
    if (rename(temporary, place)) fail("cannot keep what is synced");
  }
  pthread_mutex_unlock(&turn);
  return result;
}

int fsync(int fd) { return sync_and_keep("fsync", fd); }
int fdatasync(int fd) { return sync_and_keep("fdatasync", fd); }
