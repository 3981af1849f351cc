/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-runtime-sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "practice-lambda-archive.h"
#include "practice-resources.h"

#define PYTHON "/usr/bin/python3"
#define PARENT_NAME "millrace-functions"
#define LOCK_NAME "lock"
#define MAX_PROCESSES 128
#define NOBODY 65534
#define MIB (1024 * 1024)

struct _PracticeSandbox {
  GObject   parent_instance;

  char     *directory;
  char     *bubblewrap;   /* its program; NULL: not used */
  int       lock_fd;
  guint     last;
};

G_DEFINE_FINAL_TYPE (PracticeSandbox, practice_sandbox, G_TYPE_OBJECT)

/* In the child, before exec: nothing here may allocate. */
static void
prepare_child (gpointer data)
{
  gboolean become_nobody = GPOINTER_TO_INT (data);

  setsid ();
  /* As root neither file permissions nor the bound on processes would hold. */
  if (become_nobody && setgroups (0, NULL) == 0 && setgid (NOBODY) == 0 && setuid (NOBODY) == 0)
    umask (022);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* A folder is in use as long as somebody holds the lock in it. */
static int
take_lock (const char *directory)
{
  g_autofree char *path = g_build_filename (directory, LOCK_NAME, NULL);
  int fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) != 0) {
    close (fd);
    fd = -1;
  }
  return fd;
}

/*
 * Bubblewrap whose parent is killed while it makes its namespaces leaves a child that waits for ever (bubblewrap 0.8: the child is let go
 * through an eventfd which it holds itself). It has run nothing yet and knows the folder from its arguments.
 */
static void
kill_left_over (const char *path)
{
  g_autofree char *task = g_build_filename (path, "", NULL);
  GDir *dir = g_dir_open ("/proc", 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *file = g_build_filename ("/proc", name, "cmdline", NULL);
    g_autofree char *arguments = NULL;
    g_autofree char *program = NULL;
    gint64 pid = g_ascii_strtoll (name, NULL, 10);
    gsize length = 0;

    if (pid <= 1 || !g_file_get_contents (file, &arguments, &length, NULL) || length == 0)
      continue;
    program = g_path_get_basename (arguments);
    if (g_str_equal (program, "bwrap") && memmem (arguments, length, task, strlen (task)) != NULL)
      kill ((pid_t) pid, SIGKILL);
  }
  g_clear_pointer (&dir, g_dir_close);
}

static void
remove_left_over (const char *parent)
{
  GDir *dir = g_dir_open (parent, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (parent, name, NULL);
    int fd = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? -1 : take_lock (path);

    if (fd >= 0) {
      kill_left_over (path);
      practice_archive_remove (path);
      close (fd);
    }
  }
  g_clear_pointer (&dir, g_dir_close);
}

static gboolean
is_own_directory (const char *path)
{
  GStatBuf status;

  return g_lstat (path, &status) == 0 && S_ISDIR (status.st_mode) && status.st_uid == geteuid () && (status.st_mode & 022) == 0;
}

static gboolean
write_file (const char  *directory,
            const char  *name,
            const char  *text,
            gssize       length,
            GError     **error)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);

  return g_file_set_contents_full (path, text, length, G_FILE_SET_CONTENTS_NONE, 0644, error) && g_chmod (path, 0644) == 0;
}

static gboolean
write_files (PracticeSandbox  *self,
             GError          **error)
{
  g_autoptr (GBytes) bootstrap = NULL;

  /* Named by its symbol: a static library's resources would else be left out of the program. */
  bootstrap = g_resource_lookup_data (practice_get_resource (), "/io/github/millrace/practice/practice-runtime.py",
                                      G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  return bootstrap != NULL &&
         write_file (self->directory, "bootstrap.py", g_bytes_get_data (bootstrap, NULL), (gssize) g_bytes_get_size (bootstrap), error) &&
         write_file (self->directory, "hosts", "127.0.0.1\tlocalhost\n", -1, error) &&
         write_file (self->directory, "passwd", "sbx_user1051:x:993:990::/home/sbx_user1051:/sbin/nologin\n", -1, error) &&
         write_file (self->directory, "group", "sbx_user1051:x:990:\n", -1, error);
}

static void
practice_sandbox_finalize (GObject *object)
{
  PracticeSandbox *self = PRACTICE_SANDBOX (object);

  practice_sandbox_remove (self);
  g_free (self->directory);
  g_free (self->bubblewrap);
  G_OBJECT_CLASS (practice_sandbox_parent_class)->finalize (object);
}

static void
practice_sandbox_class_init (PracticeSandboxClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = practice_sandbox_finalize;
}

static void
practice_sandbox_init (PracticeSandbox *self)
{
  self->lock_fd = -1;
}

static gboolean
make_directory (PracticeSandbox  *self,
                GError          **error)
{
  g_autofree char *name = g_strdup_printf (PARENT_NAME "-%u", (guint) geteuid ());
  g_autofree char *parent = g_build_filename (g_get_tmp_dir (), name, NULL);
  g_autofree char *template = g_build_filename (parent, "XXXXXX", NULL);

  /* Others may pass through, but not look: the worker may be another user's process (nobody). */
  if (g_mkdir (parent, 0711) != 0 && errno != EEXIST) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "The folder “%s” for running functions cannot be made: %s", parent, g_strerror (errno));
    return FALSE;
  }
  if (!is_own_directory (parent)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 "The folder “%s” for running functions is somebody else's. Remove it, or set TMPDIR to another folder.", parent);
    return FALSE;
  }
  remove_left_over (parent);
  if (g_mkdtemp_full (template, 0711) == NULL) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "No folder for running functions can be made in “%s”: %s", parent, g_strerror (errno));
    return FALSE;
  }
  self->directory = g_steal_pointer (&template);
  g_chmod (parent, 0711);   /* whatever the umask is */
  g_chmod (self->directory, 0711);
  self->lock_fd = take_lock (self->directory);
  return TRUE;
}

PracticeSandbox *
practice_sandbox_new (GError **error)
{
  g_autoptr (PracticeSandbox) self = g_object_new (PRACTICE_TYPE_SANDBOX, NULL);
  g_autoptr (GError) local = NULL;

  /* Another practice cloud that ends may take the folder around it away in between. */
  for (guint i = 0; i < 3 && self->directory == NULL; i++) {
    g_clear_error (&local);
    make_directory (self, &local);
  }
  if (local != NULL) {
    g_propagate_error (error, g_steal_pointer (&local));
    return NULL;
  }
  if (!write_files (self, error))
    return NULL;
  self->bubblewrap = g_find_program_in_path ("bwrap");
  if (self->bubblewrap == NULL)
    practice_sandbox_open_up (self, "the program bwrap (package bubblewrap) is not installed");
  return g_steal_pointer (&self);
}

void
practice_sandbox_remove (PracticeSandbox *self)
{
  if (self->lock_fd >= 0) {
    g_autofree char *parent = g_path_get_dirname (self->directory);

    practice_archive_remove (self->directory);
    g_rmdir (parent);   /* stays where others are in it */
    close (self->lock_fd);
    self->lock_fd = -1;
  }
}

gboolean
practice_sandbox_is_closed (PracticeSandbox *self)
{
  return self->bubblewrap != NULL;
}

void
practice_sandbox_open_up (PracticeSandbox *self,
                          const char      *reason)
{
  g_clear_pointer (&self->bubblewrap, g_free);
  g_printerr ("Functions run without a sandbox, with resource limits only: %s.\n", reason);
}

char *
practice_sandbox_make_directory (PracticeSandbox  *self,
                                 GError          **error)
{
  g_autofree char *name = g_strdup_printf ("worker-%u", ++self->last);
  g_autofree char *path = g_build_filename (self->directory, name, NULL);
  g_autofree char *task = g_build_filename (path, "task", NULL);
  g_autofree char *opt = g_build_filename (path, "opt", NULL);

  if (g_mkdir (path, 0755) != 0 || g_mkdir (task, 0755) != 0 || g_mkdir (opt, 0755) != 0 ||
      g_chmod (path, 0755) != 0 || g_chmod (task, 0755) != 0 || g_chmod (opt, 0755) != 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "The folder “%s” for running a function cannot be made: %s", path, g_strerror (errno));
    return NULL;
  }
  return g_steal_pointer (&path);
}

char *
practice_sandbox_get_task (PracticeSandbox *self,
                           const char      *directory)
{
  return self->bubblewrap != NULL ? g_strdup ("/var/task") : g_build_filename (directory, "task", NULL);
}

char *
practice_sandbox_get_opt (PracticeSandbox *self,
                          const char      *directory)
{
  return self->bubblewrap != NULL ? g_strdup ("/opt") : g_build_filename (directory, "opt", NULL);
}

gint64
practice_sandbox_get_tmp_bytes (PracticeSandbox *self)
{
  gint64 memory = (gint64) sysconf (_SC_PHYS_PAGES) * sysconf (_SC_PAGESIZE);

  /* As on Lambda; but /tmp lies in memory here. */
  return CLAMP (memory / 8, 16 * MIB, G_GINT64_CONSTANT (512) * MIB);
}

static void
add (GPtrArray  *arguments,
     const char *argument)
{
  g_ptr_array_add (arguments, g_strdup (argument));
}

static void
add_option (GPtrArray  *arguments,
            const char *option,
            const char *from,
            const char *to)
{
  add (arguments, option);
  add (arguments, from);
  add (arguments, to);
}

static void
add_file (PracticeSandbox *self,
          GPtrArray       *arguments,
          const char      *name,
          const char      *to)
{
  g_autofree char *path = g_build_filename (self->directory, name, NULL);

  add_option (arguments, "--ro-bind", path, to);
}

static void
add_system (GPtrArray *arguments)
{
  static const char *const tops[] = { "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32" };
  static const char *const files[] = {
    "/etc/alternatives", "/etc/ca-certificates", "/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/etc/ssl", "/etc/python3", "/etc/python3.11",
  };

  add_option (arguments, "--ro-bind", "/usr", "/usr");
  for (guint i = 0; i < G_N_ELEMENTS (tops); i++) {
    g_autofree char *link = g_file_read_link (tops[i], NULL);

    if (link != NULL)
      add_option (arguments, "--symlink", link, tops[i]);
    else
      add_option (arguments, "--ro-bind-try", tops[i], tops[i]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    add_option (arguments, "--ro-bind-try", files[i], files[i]);
}

static char **
make_arguments (PracticeSandbox *self,
                const char      *directory,
                guint            port)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *bootstrap = g_build_filename (self->directory, "bootstrap.py", NULL);
  g_autofree char *port_text = g_strdup_printf ("%u", self->bubblewrap != NULL ? port : 0);

  if (self->bubblewrap != NULL) {
    g_autofree char *task = g_build_filename (directory, "task", NULL);
    g_autofree char *opt = g_build_filename (directory, "opt", NULL);
    g_autofree char *tmp = g_strdup_printf ("%" G_GINT64_FORMAT, practice_sandbox_get_tmp_bytes (self));

    add (arguments, self->bubblewrap);
    add (arguments, "--unshare-all");
    add (arguments, "--unshare-user");
    add (arguments, "--die-with-parent");
    add (arguments, "--new-session");
    add (arguments, "--clearenv");
    add_option (arguments, "--uid", "993", "--gid");
    add (arguments, "990");
    add (arguments, "--hostname");
    add (arguments, "localhost");
    add_system (arguments);
    add_file (self, arguments, "hosts", "/etc/hosts");
    add_file (self, arguments, "passwd", "/etc/passwd");
    add_file (self, arguments, "group", "/etc/group");
    add_file (self, arguments, "bootstrap.py", "/var/runtime/bootstrap.py");
    add_option (arguments, "--ro-bind", task, "/var/task");
    add_option (arguments, "--ro-bind", opt, "/opt");
    add (arguments, "--proc");
    add (arguments, "/proc");
    add (arguments, "--dev");
    add (arguments, "/dev");
    add (arguments, "--remount-ro");
    add (arguments, "/dev");
    add_option (arguments, "--size", tmp, "--tmpfs");
    add (arguments, "/tmp");
    add_option (arguments, "--remount-ro", "/", "--chdir");
    add (arguments, "/var/task");
    add (arguments, "--");
  }
  add (arguments, PYTHON);
  add (arguments, "-I");
  add (arguments, self->bubblewrap != NULL ? "/var/runtime/bootstrap.py" : bootstrap);
  add (arguments, port_text);
  g_ptr_array_add (arguments, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&arguments), FALSE);
}

GSubprocess *
practice_sandbox_spawn (PracticeSandbox  *self,
                        const char       *directory,
                        guint             port,
                        int               control_fd,
                        int               output_fd,
                        GError          **error)
{
  static const char *const environment[] = { "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", NULL };
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_auto (GStrv) arguments = make_arguments (self, directory, port);

  g_subprocess_launcher_set_environ (launcher, (char **) environment);
  g_subprocess_launcher_set_cwd (launcher, "/");
  g_subprocess_launcher_take_fd (launcher, control_fd, 3);
  g_subprocess_launcher_take_stderr_fd (launcher, fcntl (output_fd, F_DUPFD_CLOEXEC, 3));
  g_subprocess_launcher_take_stdout_fd (launcher, output_fd);
  g_subprocess_launcher_set_child_setup (launcher, prepare_child, GINT_TO_POINTER (geteuid () == 0), NULL);
  return g_subprocess_launcher_spawnv (launcher, (const char *const *) arguments, error);
}

void
practice_sandbox_kill (PracticeSandbox *self,
                       GSubprocess     *process)
{
  const char *identifier = g_subprocess_get_identifier (process);
  gint64 pid = 0;

  /* The session's leader is the process group's too: its children go with it. In the sandbox all go with the namespace's first process. */
  if (identifier != NULL && g_ascii_string_to_signed (identifier, 10, 2, G_MAXINT32, &pid, NULL))
    kill ((pid_t) -pid, SIGKILL);
  g_subprocess_force_exit (process);
}

guint
practice_sandbox_get_processes (PracticeSandbox *self)
{
  guint count = MAX_PROCESSES;
  uid_t user = geteuid () == 0 ? NOBODY : geteuid ();
  GDir *dir = NULL;
  const char *name = NULL;

  if (self->bubblewrap != NULL)
    return MAX_PROCESSES;
  dir = g_dir_open ("/proc", 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *tasks = g_ascii_isdigit (*name) ? g_build_filename ("/proc", name, "task", NULL) : NULL;
    GStatBuf status;

    /* A folder of threads has two links and one more for each. */
    if (tasks != NULL && g_stat (tasks, &status) == 0 && status.st_uid == user)
      count += MAX ((guint) status.st_nlink, 3) - 2;
  }
  g_clear_pointer (&dir, g_dir_close);
  return count;
}
