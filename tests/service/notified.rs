//! systemd is told when it is ready, that it lives, when it loads its catalogue again, and when it ends.

use std::os::unix::net::UnixDatagram;

use crate::namespace::{inside, wire};
use crate::place::Place;
use crate::watching::{PATIENCE, Watching};

/// Waits for a datagram with this line.
#[track_caller]
fn told(socket: &UnixDatagram, line: &str, so_far: &mut Vec<String>) {
    let mut bytes = [0; 4096];
    loop {
        let length = socket
            .recv(&mut bytes)
            .unwrap_or_else(|error| panic!("{line} ({error}): {so_far:?}"));
        let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
        let found = text.lines().any(|told| told.starts_with(line));
        so_far.push(text);
        if found {
            return;
        }
    }
}

#[test]
fn systemd_is_told_how_it_goes() {
    inside("notified::systemd_is_told_how_it_goes", || {
        wire();
        let place = Place::new("notify");
        let path = place.path("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let path = path.to_str().unwrap();
        let variables = [("NOTIFY_SOCKET", path), ("WATCHDOG_USEC", "400000")];
        let watching = Watching::far_with("", &variables);
        let mut so_far = Vec::new();
        told(&socket, "READY=1", &mut so_far);
        told(&socket, "WATCHDOG=1", &mut so_far);
        told(
            &socket,
            "STATUS=required connections: 0 failing",
            &mut so_far,
        );
        // It goes on saying that it lives.
        told(&socket, "WATCHDOG=1", &mut so_far);
        watching.signal("HUP");
        told(&socket, "RELOADING=1", &mut so_far);
        told(&socket, "READY=1", &mut so_far);
        watching.signal("TERM");
        told(&socket, "STOPPING=1", &mut so_far);
        assert_eq!(watching.left().status, Some(0));
    });
}
