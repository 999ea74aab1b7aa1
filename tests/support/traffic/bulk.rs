//! The long part of a flow: an answer of many segments or datagrams, and its end.
//!
//! Frames are made a handful at a time, when their turn comes. One segment in a hundred is lost before it is captured
//! and sent again; one in a hundred is seen and sent again all the same. Sequence numbers go into a frame that was made
//! once: making each anew would take most of the time.

use std::collections::VecDeque;

use super::Timed;
use super::random::Random;
use crate::support::quic::Quic;
use crate::support::tcp::{From, Tcp};

/// Bytes of an Ethernet header.
const ETHERNET: usize = 14;

/// Between two segments that are sent back to back.
const BACK_TO_BACK: u64 = 12_000;

/// What is sent, and when the next of it is due.
#[derive(Debug)]
pub(crate) struct Bulk {
    pub(crate) at: u64,
    /// Between two groups of frames.
    pub(crate) every: u64,
    /// Segments or datagrams still to be sent.
    pub(crate) left: u32,
    pub(crate) over: Over,
}

#[derive(Debug)]
pub(crate) enum Over {
    Tcp(Box<OverTcp>),
    /// Datagrams of this frame.
    Quic(Box<(Vec<u8>, Vec<u8>)>),
}

#[derive(Debug)]
pub(crate) struct OverTcp {
    tcp: Tcp,
    /// A full segment of the server, and an acknowledgment of the client.
    data: Vec<u8>,
    ack: Vec<u8>,
    payload: u32,
    /// Where the TCP header begins.
    header: usize,
    /// Whether it ends by FINs, or is left open.
    pub(crate) closes: bool,
}

impl Over {
    /// The server goes on with segments of this payload.
    pub(crate) fn tcp(tcp: Tcp, payload: &[u8], closes: bool) -> Self {
        let mut later = tcp.clone();
        let data = later.data(From::Server, payload).frame();
        let ip = if tcp.client.0.contains(':') { 40 } else { 20 };
        Self::Tcp(Box::new(OverTcp {
            ack: tcp.ack(From::Client).frame(),
            tcp,
            data,
            payload: u32::try_from(payload.len()).unwrap(),
            header: ETHERNET + ip,
            closes,
        }))
    }

    /// The server goes on with datagrams of so many bytes, the client acknowledges.
    pub(crate) fn quic(quic: &Quic, bytes: usize) -> Self {
        let data = quic.datagram(From::Server, &[quic.one_rtt(From::Server, bytes)]);
        let ack = quic.datagram(From::Client, &[quic.one_rtt(From::Client, 25)]);
        Self::Quic(Box::new((data.frame(), ack.frame())))
    }
}

impl OverTcp {
    /// The segment at this sequence number.
    fn segment(&mut self, seq: u32) -> Vec<u8> {
        let mut frame = self.data.clone();
        frame[self.header + 4..self.header + 8].copy_from_slice(&seq.to_be_bytes());
        if self.header == ETHERNET + 20 {
            frame[ETHERNET + 4..ETHERNET + 6].copy_from_slice(&self.tcp.server_ip_id.to_be_bytes());
        }
        self.tcp.server_ip_id = self.tcp.server_ip_id.wrapping_add(1);
        frame
    }

    fn acknowledgment(&self, ack: u32) -> Vec<u8> {
        let mut frame = self.ack.clone();
        frame[self.header + 8..self.header + 12].copy_from_slice(&ack.to_be_bytes());
        frame
    }

    /// Sends so many segments and what belongs to them.
    fn send(&mut self, count: u32, at: u64, queue: &mut VecDeque<Timed>, random: &mut Random) {
        let first = self.tcp.server_next;
        let step = self.payload;
        let end = first.wrapping_add(step * count);
        let lost = random.permille(10);
        let mut at = at;
        let mut put = |frame: Vec<u8>, queue: &mut VecDeque<Timed>| {
            queue.push_back((at, frame));
            at += BACK_TO_BACK;
        };
        for number in 0..count {
            if !(lost && number == 0) {
                let frame = self.segment(first.wrapping_add(step * number));
                put(frame, queue);
            }
        }
        if lost {
            if count > 1 {
                put(self.acknowledgment(first), queue);
            }
            let frame = self.segment(first);
            put(frame, queue);
        }
        put(self.acknowledgment(end), queue);
        if random.permille(10) {
            let frame = self.segment(end.wrapping_sub(step));
            put(frame, queue);
        }
        self.tcp.server_next = end;
    }

    fn close(&mut self, at: u64, queue: &mut VecDeque<Timed>) {
        if !self.closes {
            return;
        }
        let tcp = &mut self.tcp;
        for (later, packet) in [
            tcp.fin(From::Client),
            tcp.fin(From::Server),
            tcp.ack(From::Client),
        ]
        .iter()
        .enumerate()
        {
            queue.push_back((at + later as u64 * 10_000_000, packet.frame()));
        }
    }
}

impl Bulk {
    /// Puts the next frames into the queue; true when these were the last.
    pub(crate) fn go_on(&mut self, queue: &mut VecDeque<Timed>, random: &mut Random) -> bool {
        let count = self.left.min(2);
        self.left -= count;
        match &mut self.over {
            Over::Tcp(over) if count > 0 => over.send(count, self.at, queue, random),
            Over::Tcp(over) => over.close(self.at, queue),
            Over::Quic(frames) => {
                let (data, ack) = &**frames;
                for number in 0..u64::from(count) {
                    queue.push_back((self.at + number * BACK_TO_BACK, data.clone()));
                }
                if count > 0 {
                    queue.push_back((self.at + 3 * BACK_TO_BACK, ack.clone()));
                }
            }
        }
        self.at += self.every.max(10 * BACK_TO_BACK);
        count == 0
    }
}
