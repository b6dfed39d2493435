/**
 * Names for what the kernel answers. A synchronous libc call that gives -1 leaves its reason in
 * errno, which is read here before anything else runs on this thread, and becomes a `SystemError`
 * that says which call failed and why, by name. Calls on other threads (`nonblocking`) lose their
 * errno; this file cannot help them.
 */
import { libc } from "./libc.ts";

/** Names by number, the same on x86-64 and aarch64; 0, 41 and 58 mean nothing to Linux. */
const NAMES = (
  "- EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES " +
  "EFAULT ENOTBLK EBUSY EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY " +
  "ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK " +
  "ENOSYS ENOTEMPTY ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH " +
  "ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME " +
  "ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG " +
  "EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ " +
  "ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT " +
  "EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE " +
  "EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN " +
  "ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY " +
  "EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE " +
  "ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE ERFKILL " +
  "EHWPOISON"
).split(" ");

const NUMBERS = new Map(NAMES.map((name, errno) => [name, errno]));

/**
 * Name of an errno: `ENODEV` for 19. A number that Linux does not use gives `errno 41`.
 * @param errno positive
 */
export function errnoName(errno: number): string {
  const name = NAMES[errno];
  return name === undefined || name === "-" ? `errno ${errno}` : name;
}

/**
 * Number of an errno name, the same on both supported machines: 19 for `ENODEV`.
 * @throws Error for a name that Linux does not have
 */
export function errnoNumber(name: string): number {
  const errno = NUMBERS.get(name);
  if (errno === undefined || name === "-") throw new Error(`no errno is called "${name}"`);
  return errno;
}

/** What the C library says about an errno, such as `No such device`. */
export function errnoText(errno: number): string {
  const text = libc.strerror(errno);
  return text === null ? errnoName(errno) : Deno.UnsafePointerView.getCString(text);
}

/** A call to the kernel that did not do what was asked; `name` is the errno name. */
export class SystemError extends Error {
  override readonly name: string;

  /**
   * @param call what was tried and on what, for example `bind 0.0.0.0:694 on eth1`
   * @param errno positive, as errno gives it
   */
  constructor(readonly call: string, readonly errno: number) {
    super(`${call}: ${errnoName(errno)} (${errnoText(errno)})`);
    this.name = errnoName(errno);
  }
}

const location = libc.__errno_location();
if (location === null) throw new Error("the C library has no errno for this thread");
const view = new Deno.UnsafePointerView(location);

/** errno of the last synchronous call on this thread; ask before any other call. */
export function lastErrno(): number {
  return view.getInt32();
}

/**
 * Passes a result through, or throws what it hides.
 * @param call as in {@link SystemError}
 * @throws SystemError when `result` is -1
 */
export function check(call: string, result: number): number {
  if (result === -1) throw new SystemError(call, lastErrno());
  return result;
}
