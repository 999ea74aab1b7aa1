//! Seeds out of `captures/`, into `fuzz/corpus/`: `make fuzz-seeds`.
//!
//! Input: the bundled captures and test data. Output: for each target a folder of files named by their content, so that
//! a second run changes nothing. Conversations are cut where their segments are; nothing is sorted or put together.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::path::Path;

use windfall::capture::Replay;
use windfall::decode::{Decoder, TransportView};
use windfall::protocol::{Probe, Protocol, probe};
use windfall::side::Side;
use windfall_fuzz::pieces::encode;
use windfall_fuzz::quic;
use windfall_fuzz::segmentation::PORTS;

/// Longest seed kept, in bytes: longer ones make every run slow.
const MAX_SEED: usize = 24 * 1024;

/// Captures up to this size, in bytes, are seeds in compressed form too: a few will do.
const MAX_SQUEEZED: usize = 4 * 1024;

/// Segments of one connection: who sent them, and what.
type Segments = Vec<(Side, Vec<u8>)>;

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut captures: Vec<_> = fs::read_dir(root.join("../captures"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.to_string_lossy();
            [".pcap", ".pcapng", ".gz", ".zst"]
                .iter()
                .any(|end| name.ends_with(end))
        })
        .collect();
    captures.sort();
    for capture in &captures {
        let bytes = fs::read(capture)?;
        keep("capture_file", &bytes)?;
        keep("replay", &bytes)?;
        if bytes.len() <= MAX_SQUEEZED {
            // Some are compressed by gzip already; none is by Zstandard.
            let squeezed = zstd::encode_all(&bytes[..], 0)?;
            keep("capture_file", &squeezed)?;
            keep("replay", &squeezed)?;
        }
        of_capture(capture)?;
    }
    for certificates in ["genuine", "proxy"] {
        let folder = root.join("../tests/support/certificates");
        let leaf = fs::read(folder.join(format!("{certificates}-leaf.der")))?;
        let ca = fs::read(folder.join(format!("{certificates}-ca.der")))?;
        keep("certificate", &[listed(&leaf), listed(&ca)].concat())?;
    }
    let mut all = Vec::new();
    for (side, frames) in quic::frames() {
        // A first byte of zero has them sealed.
        encode(side, &[&[0], &frames[..]].concat(), &mut all);
        keep("quic_session", &all)?;
    }
    Ok(())
}

/// Seeds of the frames, datagrams and conversations in a capture.
fn of_capture(capture: &Path) -> std::io::Result<()> {
    let mut files = Replay::open(&[capture]);
    let mut decoder = Decoder::new();
    let mut connections: BTreeMap<[(IpAddr, u16); 2], Segments> = BTreeMap::new();
    while files.advance() {
        let Some(frame) = files.frame() else { break };
        let Ok(view) = decoder.decode(&frame) else {
            continue;
        };
        if let Ok(link) = u8::try_from(frame.link.0) {
            keep("link_frame", &[&[link, 0], frame.bytes].concat())?;
        }
        match view.transport {
            TransportView::Udp(udp) => datagram([udp.src_port, udp.dst_port], udp.payload)?,
            TransportView::Tcp(tcp) if !tcp.payload.is_empty() => {
                let (src, dst) = ((view.src, tcp.src_port), (view.dst, tcp.dst_port));
                // Clients use the higher port in all of these captures.
                let from_client = src.1 > dst.1;
                let side = if from_client {
                    Side::Client
                } else {
                    Side::Server
                };
                let ends = if from_client { [src, dst] } else { [dst, src] };
                let segments = connections.entry(ends).or_default();
                segments.push((side, tcp.payload.to_vec()));
            }
            _ => {}
        }
    }
    for ([_, (_, port)], segments) in &connections {
        conversation(*port, segments)?;
    }
    Ok(())
}

/// A seed of one datagram; where the target takes conversations, one of the datagram alone.
fn datagram(ports: [u16; 2], payload: &[u8]) -> std::io::Result<()> {
    const TARGETS: [(u16, &str); 5] = [
        (53, "dns_message"),
        (5353, "mdns"),
        (123, "ntp"),
        (5351, "nat_pmp"),
        (443, "quic_session"),
    ];
    let Some((port, target)) = TARGETS.iter().find(|(port, _)| ports.contains(port)) else {
        return Ok(());
    };
    if matches!(target, &"dns_message" | &"mdns") {
        return keep(target, payload);
    }
    let side = if ports[0] == *port {
        Side::Server
    } else {
        Side::Client
    };
    let mut wire = Vec::new();
    encode(side, payload, &mut wire);
    keep(target, &wire)
}

fn conversation(port: u16, segments: &Segments) -> std::io::Result<()> {
    let Some((side, first)) = segments.first() else {
        return Ok(());
    };
    let target = match probe(*side, port, first) {
        Probe::Certain(Protocol::Tls) => "tls_session",
        Probe::Certain(Protocol::Http) => "http_session",
        Probe::Certain(Protocol::Socks) => "socks_session",
        Probe::Certain(Protocol::DnsTcp) => "dns_stream",
        _ => return Ok(()),
    };
    let mut wire = Vec::new();
    for (side, bytes) in segments {
        if wire.len() + bytes.len() > MAX_SEED {
            break;
        }
        encode(*side, bytes, &mut wire);
    }
    keep(target, &wire)?;
    let Some(choice) = (0u8..).zip(PORTS).find(|(_, known)| *known == port) else {
        return Ok(());
    };
    for size in [0, 99] {
        keep("segmentation", &[&[choice.0, size], &wire[..]].concat())?;
    }
    Ok(())
}

/// A certificate in a Certificate message's list.
fn listed(der: &[u8]) -> Vec<u8> {
    let [.., high, middle, low] = der.len().to_be_bytes();
    [&[high, middle, low], der].concat()
}

fn keep(target: &str, seed: &[u8]) -> std::io::Result<()> {
    if seed.len() > MAX_SEED {
        return Ok(());
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    fs::create_dir_all(&folder)?;
    let mut hasher = DefaultHasher::new();
    seed.hash(&mut hasher);
    fs::write(folder.join(format!("seed-{:016x}", hasher.finish())), seed)
}
