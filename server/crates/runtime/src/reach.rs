//! Connections to the port that a program inside an instance listens on.
//!
//! An instance without internet access has a network of its own, where the port is free whatever others do, and where only the server gets
//! in. How it gets in: a socket belongs to the network in which it was made, wherever the process is that uses it later. So a
//! short-lived child of the server enters the instance's network, makes a few sockets and hands them over; the server connects them. (A
//! thread could enter it too, but only as root; and a relay that runs inside would be one more program in every sandbox, which the function
//! could end.) The child is the server's own copy between fork and exec, and never becomes another program.
//!
//! An instance with internet access shares the server's network, where two programs can't have one port: it gets
//! one of its own and is told by `FC_SERVER_PORT` and `FC_CUSTOM_LISTEN_PORT`. Never the configured one: two instances that start at the same
//! time would both find it free, and one would get the other's requests.

use nix::{libc, unistd::Uid};
use rustix::{
    net::{
        AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
        SocketFlags, SocketType,
    },
    thread::{LinkNameSpaceType, move_into_link_name_space},
};
use std::{
    fs::File,
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    net::{Ipv4Addr, SocketAddrV4},
    os::{
        fd::{AsFd, AsRawFd, FromRawFd, OwnedFd},
        unix::{net::UnixStream, process::CommandExt},
    },
    process::Command,
    sync::{Mutex, PoisonError},
};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// Sockets made in one go: a program that closes each connection after one request needs a new one for the next.
const BATCH: usize = 4;
/// Connections that may wait to be accepted.
const BACKLOG: i32 = 16;
/// What a child that has done its work says instead of becoming another program.
const DONE: i32 = libc::ECANCELED;

/// The way to a port of an instance.
#[derive(Debug)]
pub(crate) struct Reach {
    port: u16,
    network: Mutex<Network>,
}

#[derive(Debug)]
enum Network {
    /// The server's.
    Shared,
    /// The instance's own, of which nobody knows a process yet.
    Own,
    /// The instance's own, with sockets that are in it and a process of it.
    Entered { pid: i32, spare: Vec<OwnedFd> },
}

impl Reach {
    /// The way to a port that is the instance's alone.
    pub(crate) fn own(port: u16) -> Self {
        Self { port, network: Mutex::new(Network::Own) }
    }

    /// The way to a port of the server's network that nobody listens on.
    pub(crate) async fn shared() -> io::Result<Self> {
        let bound = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
        Ok(Self { port: bound.local_addr()?.port(), network: Mutex::new(Network::Shared) })
    }

    /// The port's number.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Tells a process that is in the instance's network, if that is its own.
    pub(crate) fn enter_by(&self, pid: i32) {
        let mut network = self.network.lock().unwrap_or_else(PoisonError::into_inner);
        if let Network::Own = *network {
            *network = Network::Entered { pid, spare: Vec::new() };
        }
    }

    /// Connects. Errors: nobody listens yet, or the instance has ended.
    pub(crate) async fn connect(&self) -> io::Result<TcpStream> {
        let socket = self.socket().await?;
        // On Linux a socket that was refused can be connected again; another one would cost a child.
        let spare = socket.as_ref().map(OwnedFd::try_clone).transpose()?;
        let socket = match socket {
            Some(socket) => TcpSocket::from_std_stream(socket.into()),
            None => TcpSocket::new_v4()?,
        };
        let connected = socket.connect(SocketAddrV4::new(Ipv4Addr::LOCALHOST, self.port).into()).await;
        if connected.is_err() {
            self.keep(spare);
        }
        let stream = connected?;
        // Where nobody listens, a socket that happens to get the port for its own end is connected to itself.
        if stream.local_addr()? == stream.peer_addr()? {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// A socket of the instance's network; `None` where that is the server's.
    async fn socket(&self) -> io::Result<Option<OwnedFd>> {
        let pid = match &mut *self.network.lock().unwrap_or_else(PoisonError::into_inner) {
            Network::Shared => return Ok(None),
            Network::Own => return Err(io::ErrorKind::NotConnected.into()),
            Network::Entered { pid, spare } => match spare.pop() {
                Some(socket) => return Ok(Some(socket)),
                None => *pid,
            },
        };
        let made = tokio::task::spawn_blocking(move || sockets_in_network_of(pid, None)).await;
        let mut made = made.map_err(io::Error::other)??;
        let first = made.pop();
        self.keep(made);
        first.map(Some).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn keep(&self, sockets: impl IntoIterator<Item = OwnedFd>) {
        if let Network::Entered { spare, .. } = &mut *self.network.lock().unwrap_or_else(PoisonError::into_inner) {
            spare.extend(sockets);
        }
    }
}

/// A socket that listens in the network of a process, at all of its addresses.
pub(crate) async fn listener_in_network_of(pid: i32, port: u16) -> io::Result<TcpListener> {
    let made = tokio::task::spawn_blocking(move || sockets_in_network_of(pid, Some(port))).await;
    let listener = made.map_err(io::Error::other)??.into_iter().next();
    TcpListener::from_std(listener.ok_or(io::ErrorKind::NotConnected)?.into())
}

/// TCP sockets that belong to the network of a process; the first one listens, if a port is given.
fn sockets_in_network_of(pid: i32, port: Option<u16>) -> io::Result<Vec<OwnedFd>> {
    let network = File::open(format!("/proc/{pid}/ns/net"))?;
    // Root of the machine may enter any network; others are let in by the user namespace that it belongs to, which they have made.
    let users = if Uid::effective().is_root() { None } else { Some(owner_of(&network)?) };
    let (near, far) = UnixStream::pair()?;
    let mut command = Command::new("/");
    #[expect(unsafe_code, reason = "code between fork and exec: it makes system calls only and allocates nothing")]
    // SAFETY: setns, socket, bind, listen, sendmsg and close are plain system calls on descriptors that this process keeps open meanwhile; rustix makes them
    // without an allocation or a lock, the message's buffer lies on the stack. The child has one thread, so it may enter a user namespace.
    unsafe {
        command.pre_exec(move || {
            if let Some(users) = &users {
                move_into_link_name_space(users.as_fd(), Some(LinkNameSpaceType::User))?;
            }
            move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network))?;
            hand_over(&far, port)?;
            Err(io::Error::from_raw_os_error(DONE))
        });
    }
    match command.spawn() {
        Err(error) if error.raw_os_error() == Some(DONE) => take_over(&near),
        Err(error) => Err(error),
        // It can't be: the directory is no program.
        Ok(mut child) => child.wait().and(Err(io::ErrorKind::Other.into())),
    }
}

/// The user namespace that a network belongs to.
fn owner_of(network: &File) -> io::Result<OwnedFd> {
    /// `NS_GET_USERNS` of `linux/nsfs.h`.
    const GET_USERS: libc::Ioctl = 0xb701;
    #[expect(unsafe_code, reason = "no crate of this workspace wraps this ioctl")]
    // SAFETY: the call takes no argument and gives a new descriptor, which nothing else owns, or -1; the owner moves into the result.
    unsafe {
        let descriptor = libc::ioctl(network.as_raw_fd(), GET_USERS);
        if descriptor < 0 { Err(io::Error::last_os_error()) } else { Ok(OwnedFd::from_raw_fd(descriptor)) }
    }
}

/// Makes sockets, the first to listen if there is a port, and sends them; allocates nothing.
fn hand_over(far: &UnixStream, port: Option<u16>) -> io::Result<()> {
    let socket = || {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        rustix::net::socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)
    };
    let made: [OwnedFd; BATCH] = [socket()?, socket()?, socket()?, socket()?];
    if let Some(port) = port {
        let [first, ..] = &made;
        rustix::net::bind(first, &SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port))?;
        rustix::net::listen(first, BACKLOG)?;
    }
    let shown = made.each_ref().map(AsFd::as_fd);
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(BATCH))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !control.push(SendAncillaryMessage::ScmRights(&shown)) {
        return Err(io::ErrorKind::OutOfMemory.into());
    }
    rustix::net::sendmsg(far, &[IoSlice::new(b"s")], &mut control, SendFlags::empty())?;
    Ok(())
}

/// Receives what a child has handed over.
fn take_over(near: &UnixStream) -> io::Result<Vec<OwnedFd>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(BATCH))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    rustix::net::recvmsg(near, &mut [IoSliceMut::new(&mut byte)], &mut control, RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT)?;
    let mut received = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(sockets) = message {
            received.extend(sockets);
        }
    }
    Ok(received)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn i4_instances_that_share_a_network_get_different_ports() {
        let (one, other) = (Reach::shared().await.unwrap(), Reach::shared().await.unwrap());
        assert_ne!(one.port(), other.port());
        assert_eq!(one.connect().await.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    }
}
