"""The layer that closes the kernel: a list of the system calls that snippets need; no others exist.

What is not listed fails with ENOSYS, as on an older kernel, so that libraries take their fallbacks; calls
that people know fail with EPERM, so that the error reads well. System calls of foreign architectures
(`int 0x80`) kill the process; those of x32 have numbers that no rule names.

The filter is compiled once, before the fork; only the rules that name the child's own pid are made in the
child. They leave no other process to be signalled or asked about.
"""

import errno
import fcntl
import os
import signal
from collections.abc import Iterable, Iterator

from seccompy import Action, CmpOp, Filter, FilterFlag, syscall_nr


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ALLOWED = _names(
    # memory
    "brk madvise mincore mmap mprotect mremap msync munmap get_mempolicy membarrier "
    # files
    "access chdir close close_range creat dup dup2 dup3 faccessat faccessat2 fadvise64 fchdir fdatasync "
    "flock fstat fstatfs fsync ftruncate getcwd getdents getdents64 lseek lstat mkdir mkdirat newfstatat "
    "pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readv rename renameat "
    "renameat2 rmdir sendfile stat statfs statx umask unlink unlinkat write writev "
    # waiting
    "epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_wait eventfd eventfd2 futex "
    "futex_waitv nanosleep pause pipe pipe2 poll ppoll pselect6 sched_yield select timerfd_create "
    "timerfd_gettime timerfd_settime wait4 waitid "
    # itself
    "alarm exit exit_group getcpu getegid geteuid getgid "
    "getgroups getitimer getpgid getpgrp getpid getppid getrandom getresgid getresuid getrlimit "
    "getrusage gettid gettimeofday getuid restart_syscall rseq rt_sigaction rt_sigpending "
    "rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait sched_get_priority_max "
    "sched_get_priority_min sched_getaffinity set_robust_list "
    "set_tid_address setitimer sigaltstack sysinfo time times uname"
)

REFUSED = _names(
    # processes
    "fork vfork execve execveat ptrace process_vm_readv process_vm_writev kcmp pidfd_open pidfd_getfd "
    "pidfd_send_signal tkill rt_sigqueueinfo rt_tgsigqueueinfo setpgid setsid setpriority setrlimit "
    "sched_setscheduler sched_setparam unshare setns "
    # network
    "socket socketpair connect accept accept4 bind listen sendto sendmsg sendmmsg recvfrom recvmsg "
    # files
    "chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat link linkat symlink symlinkat mknod "
    "mknodat truncate utime utimes utimensat futimesat setxattr lsetxattr fsetxattr removexattr "
    "lremovexattr fremovexattr mount umount2 chroot pivot_root open_by_handle_at name_to_handle_at "
    "inotify_init1 "
    # memory and messages shared with others
    "memfd_create memfd_secret shmget shmat shmctl semget semop semctl msgget msgsnd msgrcv msgctl mq_open "
    # the system
    "bpf perf_event_open keyctl add_key request_key reboot settimeofday clock_settime sethostname "
    "init_module finit_module kexec_load swapon acct syslog quotactl setuid setgid setresuid setresgid "
    "setgroups capget capset personality"
)
"""Refused with EPERM: the error reads better than that of a call which does not exist."""

LINKS = _names("readlink readlinkat")
"""Refused with EINVAL, "that is no link": Landlock lets the text of a link be read wherever it lies, and some
programs keep more in it than a path. Whoever resolves a path takes it as it stands."""

UNSUPPORTED = _names("getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr fallocate")
"""Refused with ENOTSUP, which callers take as "this file system has none"."""

_THREAD_FLAGS = (0x3D0F00, 0x7D0F00)
"""How glibc and musl start a thread; any other clone is a process, a namespace, or an attempt at one."""

_NAMESPACES = 0x7E020080
"""CLONE_NEW*: what a new process may not begin with."""

_FCNTL = (
    fcntl.F_DUPFD,
    fcntl.F_DUPFD_CLOEXEC,
    fcntl.F_GETFD,
    fcntl.F_SETFD,
    fcntl.F_GETFL,
    fcntl.F_SETFL,
    fcntl.F_GETLK,
    fcntl.F_SETLK,
    fcntl.F_SETLKW,
    1032,  # F_GETPIPE_SZ
)
"""Never F_SETOWN or F_SETSIG: with them a pipe sends signals to others, past every rule about `kill`."""

_IOCTL = (0x5451, 0x5450, 0x5421, 0x541B, 0x5401, 0x5413)
"""FIOCLEX, FIONCLEX, FIONBIO, FIONREAD, TCGETS (isatty), TIOCGWINSZ."""

_PRCTL = (15, 16, 3, 0x53564D41)
"""PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_SET_VMA (names for malloc's areas)."""

_TMPFILE = 0o20000000  # __O_TMPFILE: a file in no folder, which no count of files would see
_LOW = 0xFFFFFFFF

_CLOCKS = ("clock_gettime", "clock_getres", "clock_nanosleep")
_FIXED_CLOCKS = 16
"""Clocks below are the system's own and ours; other numbers stand for the time a process has taken."""

_ABOUT_ITSELF = _names("getsid sched_getparam sched_getscheduler get_robust_list")
"""Calls whose first argument is a process: 0, which is the one that asks."""

_ABOUT_A_PROCESS = _names("getpgid sched_getaffinity")
"""The same, but programs ask by their own number too. Few, as this filter is compiled for each run."""

_EPERM = errno.EPERM


def main_filter(*, cuda: bool = False, tools: bool = False) -> Filter:
    """Build the filter that is the same for all children; with `tools` they may start other programs."""
    # CUDA has started threads of its own by now, which the filter must hold too.
    flags = FilterFlag.TSYNC if cuda else FilterFlag.NONE
    rules = Filter(int(Action.ERRNO) | errno.ENOSYS, flags=flags)
    if tools:
        _for_tools(rules)
    for name in _known(ALLOWED):
        rules.allow(name)
    for name in _known(REFUSED):
        rules.errno(name, _EPERM)
    for name in _known(UNSUPPORTED):
        rules.errno(name, errno.ENOTSUP)
    for name in _known(LINKS):
        rules.errno(name, errno.EINVAL)
    _opening(rules)
    _signals(rules)
    _threads(rules)
    _only(rules, "fcntl", 1, _FCNTL, _EPERM)
    _only(rules, "prctl", 0, _PRCTL, _EPERM)
    rules.allow("prlimit64", args={0: 0, 2: 0})  # reading our own
    rules.errno("prlimit64", _EPERM)
    for name in _known(_ABOUT_ITSELF):
        rules.allow(name, args={0: 0})
        rules.errno(name, errno.ESRCH)
    rules.allow("getpriority", args={0: os.PRIO_PROCESS, 1: 0})
    rules.errno("getpriority", errno.ESRCH)
    for name in _CLOCKS:
        rules.allow(name, args=[(0, CmpOp.LT, _FIXED_CLOCKS)])
        rules.errno(name, errno.EINVAL)
    if cuda:
        _for_cuda(rules)
    else:
        _only(rules, "ioctl", 1, _IOCTL, errno.ENOTTY)
    return rules


def own_filter(pid: int) -> Filter:
    """Build the filter that lets process `pid` signal nobody but itself, and ask about nobody else."""
    rules = Filter(Action.ALLOW)
    for name in ("kill", "tgkill"):
        rules.errno(name, _EPERM, args=[(0, CmpOp.NE, pid)])
    for name in _known(_ABOUT_A_PROCESS):
        rules.errno(name, errno.ESRCH, args=[(0, CmpOp.NE, pid), (0, CmpOp.NE, 0)])
    return rules


def _known(names: Iterable[str]) -> Iterator[str]:
    """Leave out what this architecture does not have."""
    for name in names:
        try:
            syscall_nr(name)
        except ValueError:
            continue
        yield name


def _opening(rules: Filter) -> None:
    cut, access = os.O_TRUNC, os.O_ACCMODE
    for name, index in (("open", 1), ("openat", 2)):
        for known in _known([name]):
            rules.errno(known, errno.EOPNOTSUPP, args=[(index, CmpOp.MASKED_EQ, _TMPFILE, _TMPFILE)])
            # Landlock before ABI 3 does not see that opening for reading (or for neither) may truncate.
            rules.errno(known, _EPERM, args=[(index, CmpOp.MASKED_EQ, cut | os.O_RDONLY, cut | access)])
            rules.errno(known, _EPERM, args=[(index, CmpOp.MASKED_EQ, access, access)])
            rules.allow(known)


def _signals(rules: Filter) -> None:
    # SIGKILL, even to itself, is refused: a child that dies of it was killed by the system or by us.
    for name, index in (("kill", 1), ("tgkill", 2)):
        rules.errno(name, _EPERM, args=[(index, CmpOp.MASKED_EQ, signal.SIGKILL, _LOW)])
        rules.allow(name)


def _threads(rules: Filter) -> None:
    for flags in _THREAD_FLAGS:
        rules.allow("clone", args={0: flags})
    rules.errno("clone", _EPERM)  # clone3 is not listed: ENOSYS sends libc back to clone


def _only(rules: Filter, name: str, index: int, values: Iterable[int], error: int) -> None:
    for value in values:
        rules.allow(name, args={index: value})
    rules.errno(name, error)


def _for_cuda(rules: Filter) -> None:
    """The driver is spoken to by ioctl, and maps memory shared with it."""
    for name in ("ioctl", "mlock", "munlock", "mbind", "set_mempolicy", "sched_setaffinity"):
        rules.allow(name)


def _for_tools(rules: Filter) -> None:
    """Processes may be made, but not leave our process group, with which they are killed."""
    rules.allow("clone", args=[(0, CmpOp.MASKED_EQ, 0, _NAMESPACES)])
    for name in _known(("fork", "vfork", "execve", "chmod", "fchmod", "fchmodat", "arch_prctl")):
        rules.allow(name)
