//! Flags of commands that capture from interfaces.

use clap::builder::BoolishValueParser;
use clap::{Args, value_parser};
use windfall::capture::live::{DEFAULT_SNAPLEN, LiveOptions};
use windfall::privilege::{Allowed, Plan};

/// Headers of IPv6 with options, and the first bytes of what they carry: with less there is nothing to judge, and a
/// filter would see frames that end too early.
const LEAST_SNAPLEN: i64 = 128;

/// What libpcap takes.
const MOST_SNAPLEN: i64 = DEFAULT_SNAPLEN as i64;

/// [`DEFAULT_BUFFER_BYTES`](windfall::capture::live::DEFAULT_BUFFER_BYTES).
const DEFAULT_BUFFER_MIB: u32 = 32;

/// Where frames come from, and what is given away once they do.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Capture")]
pub(super) struct CaptureFlags {
    /// Capture on this interface (any: all of them); may be repeated (or separated by commas). One that is not there yet
    /// is waited for [default: one is chosen, and told with the reason; see windfall interfaces]
    #[arg(
        short,
        long,
        value_name = "IFACE",
        value_delimiter = ',',
        env = "WINDFALL_INTERFACE",
        hide_env_values = true
    )]
    interface: Vec<String>,
    /// Only frames that this filter lets pass, as tcpdump takes it, quoted as a whole. A host name in it is looked up.
    #[arg(
        short,
        long,
        value_name = "BPF",
        env = "WINDFALL_FILTER",
        hide_env_values = true
    )]
    filter: Option<String>,
    /// Cut frames beyond so many bytes.
    #[arg(long, value_name = "BYTES", default_value_t = DEFAULT_SNAPLEN, value_parser = value_parser!(u32).range(LEAST_SNAPLEN..=MOST_SNAPLEN), env = "WINDFALL_SNAPLEN", hide_env_values = true)]
    snaplen: u32,
    /// Memory between the kernel and windfall for each interface, in MiB; more of it rides out longer bursts.
    #[arg(long, value_name = "MIB", default_value_t = DEFAULT_BUFFER_MIB, value_parser = value_parser!(u32).range(1..=1024), env = "WINDFALL_BUFFER", hide_env_values = true)]
    buffer: u32,
    /// Ask the interface for frames to others as well; a mirror port needs it.
    #[arg(long, value_parser = BoolishValueParser::new(), env = "WINDFALL_PROMISCUOUS", hide_env_values = true)]
    promiscuous: bool,
    /// Open an interface again when it was deleted and is there again. The right to capture is kept for that.
    #[arg(long, value_parser = BoolishValueParser::new(), env = "WINDFALL_REATTACH", hide_env_values = true)]
    reattach: bool,
    /// Go on as this user once interfaces are open, when run as root; files are written as that user [default: nobody]
    #[arg(
        long,
        value_name = "NAME",
        env = "WINDFALL_USER",
        hide_env_values = true
    )]
    user: Option<String>,
}

impl CaptureFlags {
    /// What to open.
    pub(super) fn options(&self) -> LiveOptions {
        LiveOptions {
            interfaces: self.interface.clone(),
            filter: self.filter.clone(),
            snaplen: self.snaplen,
            buffer_bytes: (self.buffer as usize) << 20,
            promiscuous: self.promiscuous,
            reattach: self.reattach,
        }
    }

    /// What to give away once it is open, but for these paths.
    pub(super) fn plan(&self, allowed: Allowed) -> Plan {
        Plan {
            user: self.user.clone(),
            reattach: self.reattach,
            allowed,
            listener: None,
            broker_port: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Only {
        #[command(flatten)]
        flags: CaptureFlags,
    }

    fn options(arguments: &[&str]) -> Result<LiveOptions, clap::Error> {
        let words = ["windfall"].iter().chain(arguments);
        Only::try_parse_from(words).map(|only| only.flags.options())
    }

    #[test]
    fn flags_say_what_to_open() {
        let given = options(&[
            "-i",
            "eth0,eth1",
            "-i",
            "wlan0",
            "-f",
            "tcp",
            "--snaplen",
            "256",
            "--buffer",
            "64",
            "--promiscuous",
        ])
        .unwrap();
        assert_eq!(given.interfaces, ["eth0", "eth1", "wlan0"]);
        assert_eq!(given.filter.as_deref(), Some("tcp"));
        assert_eq!((given.snaplen, given.buffer_bytes), (256, 64 << 20));
        assert!(given.promiscuous && !given.reattach);
    }

    #[test]
    fn without_flags_all_is_as_the_library_has_it() {
        let (given, usual) = (options(&[]).unwrap(), LiveOptions::default());
        assert_eq!(format!("{given:?}"), format!("{usual:?}"));
    }

    #[test]
    fn useless_sizes_are_refused() {
        for wrong in [["--snaplen", "20"], ["--buffer", "0"], ["--buffer", "4096"]] {
            assert!(options(&wrong).is_err(), "{wrong:?}");
        }
    }
}
