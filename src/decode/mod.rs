//! Bytes to borrowed packet views.

pub mod view;

pub use view::{
    IcmpView, MacAddr, PacketView, QuotedPacket, TcpFlags, TcpView, TransportView, UdpView, Vlans,
};
