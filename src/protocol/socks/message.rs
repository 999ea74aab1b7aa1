//! The messages of SOCKS.
//!
//! Input: the bytes since the last message, of the end whose turn it is. Output: what the first message says, taken off
//! the input; or that it is not whole yet, or no such message, which is told by its first byte that does not fit, so
//! that cuts change nothing. RFC 1928 sections 3 to 6, RFC 1929 section 2; "SOCKS: A protocol for TCP proxy across
//! firewalls" and "SOCKS 4A" (Ying-Da Lee).

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::hostname::Hostname;

/// The first byte of a version 5 message.
pub(in crate::protocol) const VERSION_5: u8 = 5;

/// The first byte of a version 4 request.
pub(in crate::protocol) const VERSION_4: u8 = 4;

/// "No acceptable methods".
pub(super) const NO_METHOD: u8 = 0xff;

/// The result of version 4 that grants a request.
pub(super) const GRANTED_4: u8 = 90;

/// The version of the login's own negotiation.
const LOGIN_VERSION: u8 = 1;

/// The command that asks for a connection.
const CONNECT: u8 = 1;

/// Longest user name or host name of version 4, which gives them no length.
const MAX_STRING: usize = 255;

/// Why a message cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// More bytes are needed.
    Short,
    /// These bytes are no such message.
    Alien,
}

/// A client's first message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Greeting<'a> {
    /// Version 5: the methods it offers.
    Methods(&'a [u8]),
    /// Version 4 begins with its request.
    Version4(Request),
}

/// How to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    None,
    Login,
    Unacceptable,
    Other,
}

/// A request: where to, if it is a CONNECT.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) connect: Option<(Hostname, u16)>,
}

pub(super) fn greeting<'a>(rest: &mut &'a [u8]) -> Result<Greeting<'a>, Stop> {
    match byte(rest)? {
        VERSION_5 => match byte(rest)? {
            0 => Err(Stop::Alien),
            count => take(rest, usize::from(count)).map(Greeting::Methods),
        },
        VERSION_4 => request4(rest).map(Greeting::Version4),
        _ => Err(Stop::Alien),
    }
}

/// The server picks one of the methods offered.
pub(super) fn method(rest: &mut &[u8], offered: &[u8]) -> Result<Method, Stop> {
    expect(rest, VERSION_5)?;
    match byte(rest)? {
        NO_METHOD => Ok(Method::Unacceptable),
        method if !offered.contains(&method) => Err(Stop::Alien),
        0 => Ok(Method::None),
        2 => Ok(Method::Login),
        _ => Ok(Method::Other),
    }
}

pub(super) fn login(rest: &mut &[u8]) -> Result<(), Stop> {
    expect(rest, LOGIN_VERSION)?;
    for _ in ["name", "password"] {
        let length = byte(rest)?;
        take(rest, usize::from(length))?;
    }
    Ok(())
}

/// The status; 0 is success.
pub(super) fn login_reply(rest: &mut &[u8]) -> Result<u8, Stop> {
    expect(rest, LOGIN_VERSION)?;
    byte(rest)
}

pub(super) fn request(rest: &mut &[u8]) -> Result<Request, Stop> {
    expect(rest, VERSION_5)?;
    let command = byte(rest)?;
    if !(1..=3).contains(&command) {
        return Err(Stop::Alien);
    }
    expect(rest, 0)?;
    let (host, port) = (host(rest)?, port(rest)?);
    Ok(Request {
        connect: (command == CONNECT).then_some((host, port)),
    })
}

/// The reply's code; 0 is success. Of a refusal that is all there need be.
pub(super) fn reply(rest: &mut &[u8]) -> Result<u8, Stop> {
    expect(rest, VERSION_5)?;
    let code = byte(rest)?;
    if code == 0 {
        expect(rest, 0)?;
        host(rest)?;
        port(rest)?;
    }
    Ok(code)
}

/// CONNECT alone: version 4's other command (BIND) waits for a connection from outside.
fn request4(rest: &mut &[u8]) -> Result<Request, Stop> {
    expect(rest, CONNECT)?;
    let (port, address) = (port(rest)?, array::<4>(rest)?);
    string(rest)?;
    let host = match address {
        // An address that none can have: the name follows (SOCKS 4A).
        [0, 0, 0, 1..=255] => match string(rest)? {
            [] => return Err(Stop::Alien),
            name => Hostname::new(name),
        },
        _ => Hostname::from(Ipv4Addr::from(address).to_string().as_str()),
    };
    Ok(Request {
        connect: Some((host, port)),
    })
}

/// The result code of version 4; [`GRANTED_4`] is success.
pub(super) fn reply4(rest: &mut &[u8]) -> Result<u8, Stop> {
    expect(rest, 0)?;
    match byte(rest)? {
        GRANTED_4 => take(rest, 6).map(|_| GRANTED_4),
        code @ 91..=93 => Ok(code),
        _ => Err(Stop::Alien),
    }
}

/// An address with its type before it.
fn host(rest: &mut &[u8]) -> Result<Hostname, Stop> {
    let text = match byte(rest)? {
        1 => Ipv4Addr::from(array::<4>(rest)?).to_string(),
        3 => {
            return match byte(rest)? {
                0 => Err(Stop::Alien),
                length => take(rest, usize::from(length)).map(Hostname::new),
            };
        }
        4 => Ipv6Addr::from(array::<16>(rest)?).to_string(),
        _ => return Err(Stop::Alien),
    };
    Ok(Hostname::from(text.as_str()))
}

fn port(rest: &mut &[u8]) -> Result<u16, Stop> {
    array(rest).map(u16::from_be_bytes)
}

fn byte(rest: &mut &[u8]) -> Result<u8, Stop> {
    array::<1>(rest).map(|[byte]| byte)
}

fn expect(rest: &mut &[u8], wanted: u8) -> Result<(), Stop> {
    let fits = byte(rest)? == wanted;
    fits.then_some(()).ok_or(Stop::Alien)
}

fn array<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Stop> {
    let (array, after) = rest.split_first_chunk().ok_or(Stop::Short)?;
    *rest = after;
    Ok(*array)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], Stop> {
    let (taken, after) = rest.split_at_checked(length).ok_or(Stop::Short)?;
    *rest = after;
    Ok(taken)
}

/// Bytes up to a NUL, which is taken too.
fn string<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], Stop> {
    let end = rest.iter().take(MAX_STRING + 1).position(|&byte| byte == 0);
    match end {
        Some(end) => {
            let text = take(rest, end)?;
            byte(rest)?;
            Ok(text)
        }
        None if rest.len() > MAX_STRING => Err(Stop::Alien),
        None => Err(Stop::Short),
    }
}
