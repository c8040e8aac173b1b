//! The first program of a sandbox whose server is root: it becomes the instance's user, without a way back, and then the function's program.
//!
//! Its arguments are the number of the descriptor that it was started from, the number of the user, how many variables are to be set, the
//! function's program with its arguments, and last the variables (`NAME=value`).
//!
//! It is root until then, so it uses no library, loads nothing and looks nothing up: nothing that a function sets or brings can reach it. That
//! also makes it start in a tenth of the time of `setpriv` and `env`, which would do the same.

#![no_std]
#![no_main]
// Loops stay loops: there is no library that has `memcpy`.
#![no_builtins]

use core::{
    arch::{asm, global_asm},
    ffi::CStr,
    mem::MaybeUninit,
    panic::PanicInfo,
    ptr,
};

#[cfg(target_arch = "x86_64")]
mod calls {
    pub const WRITE: usize = 1;
    pub const CLOSE: usize = 3;
    pub const EXECVE: usize = 59;
    pub const SETGROUPS: usize = 116;
    pub const SETRESUID: usize = 117;
    pub const SETRESGID: usize = 119;
    pub const CAPSET: usize = 126;
    pub const PRCTL: usize = 157;
    pub const EXIT_GROUP: usize = 231;
}

#[cfg(not(target_arch = "x86_64"))]
mod calls {
    pub const CLOSE: usize = 57;
    pub const WRITE: usize = 64;
    pub const CAPSET: usize = 91;
    pub const EXIT_GROUP: usize = 94;
    pub const SETRESUID: usize = 147;
    pub const SETRESGID: usize = 149;
    pub const SETGROUPS: usize = 159;
    pub const PRCTL: usize = 167;
    pub const EXECVE: usize = 221;
}

const PR_CAPBSET_DROP: usize = 24;
const PR_SET_NO_NEW_PRIVS: usize = 38;
/// The version of `capset(2)` with two words of each set.
const CAPABILITY_VERSION_3: u32 = 0x2008_0522;
const ENOENT: isize = -2;
const ENOEXEC: isize = -8;
const EACCES: isize = -13;
const ENOTDIR: isize = -20;
const EINVAL: isize = -22;

/// Words before the program.
const OWN_WORDS: usize = 4;
const SHELL: *const u8 = c"/bin/sh".as_ptr().cast();
/// Where programs are looked for without a `PATH`, as the C library does.
const USUAL_PATH: *const u8 = c"/bin:/usr/bin".as_ptr().cast();
/// Bytes of the longest path that the kernel takes.
const PATH_BYTES_MAX: usize = 4_096;

// What the kernel has put on the stack is the only argument.
#[cfg(target_arch = "x86_64")]
global_asm!(".globl _start", "_start:", "xor ebp, ebp", "mov rdi, rsp", "and rsp, -16", "call {enter}", enter = sym enter);
#[cfg(target_arch = "aarch64")]
global_asm!(".globl _start", "_start:", "mov x29, xzr", "mov x30, xzr", "mov x0, sp", "b {enter}", enter = sym enter);

/// A system call: its result, negative for an error.
#[cfg(target_arch = "x86_64")]
unsafe fn call(number: usize, [a, b, c, d, e]: [usize; 5]) -> isize {
    let result;
    // SAFETY: the kernel changes these registers only, and the caller's memory as the call says.
    unsafe {
        asm!("syscall", inlateout("rax") number => result, in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d, in("r8") e,
            lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    result
}

/// A system call: its result, negative for an error.
#[cfg(target_arch = "aarch64")]
unsafe fn call(number: usize, [a, b, c, d, e]: [usize; 5]) -> isize {
    let result;
    // SAFETY: the kernel changes this register only, and the caller's memory as the call says.
    unsafe {
        asm!("svc 0", in("x8") number, inlateout("x0") a => result, in("x1") b, in("x2") c, in("x3") d, in("x4") e, options(nostack));
    }
    result
}

/// The whole program; `stack` holds the number of arguments, the arguments and the environment, as the kernel has laid them out.
unsafe extern "C" fn enter(stack: *const usize) -> ! {
    // SAFETY: arguments and environment are as the kernel promises: both end in a null pointer, and the one follows the other.
    unsafe {
        let count = *stack;
        let words = stack.add(1).cast::<*const u8>().cast_mut();
        // By itself it is what a trial runs.
        if count == 1 {
            exit(0);
        }
        if count <= OWN_WORDS {
            die(c"arguments are missing");
        }
        let (descriptor, user, late) = (number(*words.add(1)), number(*words.add(2)), number(*words.add(3)));
        if late >= count - OWN_WORDS {
            die(c"the program is missing");
        }
        check(call(calls::CLOSE, [descriptor, 0, 0, 0, 0]), c"close");
        become_user(user);
        // The variables stand before the environment, which begins one word later: moved by that word they are its beginning, and leave room
        // for the end of the arguments.
        for word in (count - late..count).rev() {
            *words.add(word + 1) = *words.add(word);
        }
        *words.add(count - late) = ptr::null();
        let environment = words.add(count - late + 1);
        let arguments = words.add(OWN_WORDS);
        let error = run(arguments, environment);
        say(*arguments);
        say(match error {
            ENOENT => c": not found\n",
            EACCES => c": permission denied\n",
            _ => c": can't be run\n",
        }
        .as_ptr()
        .cast());
        exit(if error == ENOENT { 127 } else { 126 })
    }
}

/// Gives up all rights. There is no way on when that fails.
unsafe fn become_user(user: usize) {
    let capabilities = [0_u32; 6];
    let header = [CAPABILITY_VERSION_3, 0];
    // SAFETY: plain system calls; the memory is of the size that they read.
    unsafe {
        for capability in 0.. {
            match call(calls::PRCTL, [PR_CAPBSET_DROP, capability, 0, 0, 0]) {
                EINVAL if capability > 0 => break, // there are no more
                result => check(result, c"the bounding set"),
            }
        }
        check(call(calls::SETGROUPS, [0; 5]), c"setgroups");
        check(call(calls::SETRESGID, [user, user, user, 0, 0]), c"setresgid");
        check(call(calls::SETRESUID, [user, user, user, 0, 0]), c"setresuid");
        check(call(calls::CAPSET, [header.as_ptr() as usize, capabilities.as_ptr() as usize, 0, 0, 0]), c"capset");
        check(call(calls::PRCTL, [PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0]), c"no_new_privs");
    }
}

/// Becomes the program, which is looked for as a shell does. Comes back with the error.
unsafe fn run(arguments: *mut *const u8, environment: *const *const u8) -> isize {
    let mut path = MaybeUninit::<[u8; PATH_BYTES_MAX]>::uninit();
    let mut error = ENOENT;
    // SAFETY: all texts end in a zero byte, and so does what is put together in `path`, within its bounds.
    unsafe {
        let name = *arguments;
        let name_length = length(name, 0);
        if name_length == 0 || length(name, b'/') < name_length {
            return execute(name, arguments, environment);
        }
        let mut dirs = variable(environment, c"PATH=").unwrap_or(USUAL_PATH);
        loop {
            let dir_length = length(dirs, b':');
            if dir_length + name_length + 2 <= PATH_BYTES_MAX {
                let start = path.as_mut_ptr().cast::<u8>();
                copy(dirs, start, dir_length);
                *start.add(dir_length) = b'/';
                // An empty entry is the current directory.
                copy(name, start.add(if dir_length == 0 { 0 } else { dir_length + 1 }), name_length + 1);
                match execute(start, arguments, environment) {
                    ENOENT | ENOTDIR => {}
                    EACCES => error = EACCES,
                    other => return other,
                }
            }
            dirs = dirs.add(dir_length);
            if *dirs == 0 {
                return error;
            }
            dirs = dirs.add(1);
        }
    }
}

/// Becomes the program at a path. A script that does not say what runs it is the shell's, as everywhere. Comes back with the error.
unsafe fn execute(path: *const u8, arguments: *mut *const u8, environment: *const *const u8) -> isize {
    // SAFETY: plain system calls; before the arguments there is room for one more word.
    unsafe {
        let error = call(calls::EXECVE, [path as usize, arguments as usize, environment as usize, 0, 0]);
        if error != ENOEXEC {
            return error;
        }
        let name = *arguments;
        (*arguments.sub(1), *arguments) = (SHELL, path);
        call(calls::EXECVE, [SHELL as usize, arguments.sub(1) as usize, environment as usize, 0, 0]);
        *arguments = name;
        error
    }
}

/// What follows the beginning of an entry of the environment.
unsafe fn variable(mut environment: *const *const u8, beginning: &CStr) -> Option<*const u8> {
    let beginning = beginning.to_bytes();
    // SAFETY: entries are texts that end in a zero byte, which no beginning has in it; the last entry is a null pointer.
    unsafe {
        while !(*environment).is_null() {
            let entry = *environment;
            if (0..beginning.len()).all(|index| *entry.add(index) == *beginning.as_ptr().add(index)) {
                return Some(entry.add(beginning.len()));
            }
            environment = environment.add(1);
        }
    }
    None
}

unsafe fn copy(from: *const u8, to: *mut u8, bytes: usize) {
    // SAFETY: as the function's: both are of this length.
    unsafe {
        for index in 0..bytes {
            *to.add(index) = *from.add(index);
        }
    }
}

/// Bytes before this one, or before the end.
unsafe fn length(text: *const u8, end: u8) -> usize {
    let mut length = 0;
    // SAFETY: the text ends in a zero byte.
    unsafe {
        while *text.add(length) != 0 && *text.add(length) != end {
            length += 1;
        }
    }
    length
}

/// The number that a text is.
unsafe fn number(text: *const u8) -> usize {
    let mut number = 0_usize;
    // SAFETY: the text ends in a zero byte.
    unsafe {
        let digits = length(text, 0);
        for index in 0..digits {
            match *text.add(index) {
                digit @ b'0'..=b'9' if digits < 11 => number = number * 10 + usize::from(digit - b'0'),
                _ => die(c"a number is expected"),
            }
        }
        if digits == 0 { die(c"a number is missing") } else { number }
    }
}

unsafe fn check(result: isize, what: &CStr) {
    if result != 0 {
        // SAFETY: as the function's.
        unsafe { die(what) }
    }
}

/// Ends: whatever was to be run must not be.
unsafe fn die(what: &CStr) -> ! {
    // SAFETY: the texts end in a zero byte.
    unsafe {
        say(c"the instance's user can't be taken: ".as_ptr().cast());
        say(what.as_ptr().cast());
        say(c"\n".as_ptr().cast());
        exit(125)
    }
}

unsafe fn say(text: *const u8) {
    // SAFETY: the text ends in a zero byte.
    unsafe { call(calls::WRITE, [2, text as usize, length(text, 0), 0, 0]) };
}

unsafe fn exit(code: usize) -> ! {
    loop {
        // SAFETY: it does not come back.
        unsafe { call(calls::EXIT_GROUP, [code, 0, 0, 0, 0]) };
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    // SAFETY: it does not come back.
    unsafe { exit(125) }
}
