//! Link-layer frames. The first bytes choose the link type and how much longer the frame was on the wire.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windfall::capture::frame::LinkType;
use windfall::decode::{Decoder, TransportView};
use windfall_fuzz::frames::frame;

fuzz_target!(|input: &[u8]| {
    let Some((&[link, cut], bytes)) = input.split_first_chunk() else {
        return;
    };
    let link = match link {
        // Link types above 255 that are read: SLL2, PKTAP.
        0xfe => 276,
        0xff => 258,
        small => u16::from(small),
    };
    let mut decoder = Decoder::new();
    // Twice: a fragment meets itself.
    for number in 1..=2 {
        let mut frame = frame(number, 0, LinkType(link), bytes);
        frame.original_len += u32::from(cut);
        if let Ok(view) = decoder.decode(&frame) {
            let (captured, wire) = match view.transport {
                TransportView::Tcp(tcp) => (tcp.payload.len(), tcp.wire_len),
                TransportView::Udp(udp) => (udp.payload.len(), udp.wire_len),
                TransportView::Icmp(_) | TransportView::Other(_) | TransportView::Fragment => {
                    (0, 0)
                }
            };
            assert!(captured <= wire as usize && captured <= bytes.len());
        }
    }
});
