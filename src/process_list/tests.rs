//! Joins of lists, and their near misses.

use super::*;

const TASKS: &str = "\"Image Name\",\"PID\",\"Session Name\",\"Session#\",\"Mem Usage\"\r\n\
\"System\",\"4\",\"Services\",\"0\",\"148 K\"\r\n\
\"iTunes.exe\",\"4711\",\"Console\",\"1\",\"212,324 K\"\r\n";

const SOCKETS: &str = "\r\nActive Connections\r\n\r\n  Proto  Local Address  Foreign Address  State  PID\r\n\
  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       900\r\n\
  TCP    127.0.0.1:27015        127.0.0.1:49701        ESTABLISHED     4711\r\n\
  TCP    192.0.2.7:50123        17.1.2.3:443           ESTABLISHED     4711\r\n\
  TCP    192.0.2.7:50124        17.1.2.3:443           TIME_WAIT       0\r\n\
  TCP    [2001:db8::7%4]:50200  [2620:149::1]:443      SYN_SENT        812\r\n\
  UDP    0.0.0.0:5353           *:*                                    1200\r\n\
  UDP    0.0.0.0:60000          *:*                                    4711\r\n\
  UDP    192.0.2.7:60000        *:*                                    812\r\n\
  UDP    192.0.2.7:60001        *:*                                    4711\r\n";

fn lists(files: &[&str]) -> ProcessLists {
    let mut lists = ProcessLists::default();
    for file in files {
        lists.add("x.txt", file.as_bytes()).unwrap();
    }
    lists
}

fn at(text: &str) -> (IpAddr, u16) {
    let socket: std::net::SocketAddr = text.parse().unwrap();
    (socket.ip(), socket.port())
}

/// `4711 iTunes.exe`, `812 ?`, or nothing.
fn owner(lists: &ProcessLists, transport: Transport, client: &str, server: &str) -> String {
    let owner = lists.owner(transport, at(client), at(server));
    owner.map_or_else(String::new, |owner| {
        format!("{} {}", owner.pid, owner.name.unwrap_or("?"))
    })
}

#[test]
fn a_connection_is_joined_by_both_ends_in_whatever_order_the_lists_come() {
    for files in [[TASKS, SOCKETS], [SOCKETS, TASKS]] {
        let lists = lists(&files);
        let tcp = |client, server| owner(&lists, Transport::Tcp, client, server);
        assert_eq!(tcp("192.0.2.7:50123", "17.1.2.3:443"), "4711 iTunes.exe");
        assert_eq!(tcp("[2001:db8::7]:50200", "[2620:149::1]:443"), "812 ?");
        // The port was used for another server, by another computer, or no longer belongs to anyone.
        assert_eq!(tcp("192.0.2.7:50123", "17.9.9.9:443"), "");
        assert_eq!(tcp("192.0.2.8:50123", "17.1.2.3:443"), "");
        assert_eq!(tcp("192.0.2.7:50124", "17.1.2.3:443"), "");
        assert_eq!(tcp("127.0.0.1:27015", "127.0.0.1:49701"), "");
        assert_eq!(tcp("192.0.2.7:135", "17.1.2.3:443"), "");
        assert!(lists.is_complete());
    }
    let one = lists(&[&format!("{SOCKETS}{TASKS}")]);
    let joined = owner(&one, Transport::Tcp, "192.0.2.7:50123", "17.1.2.3:443");
    assert_eq!(joined, "4711 iTunes.exe");
}

#[test]
fn datagrams_are_joined_by_the_one_socket_that_can_have_sent_them() {
    let lists = lists(&[SOCKETS, TASKS]);
    let udp = |client| owner(&lists, Transport::Udp, client, "17.1.2.3:123");
    assert_eq!(udp("192.0.2.7:60001"), "4711 iTunes.exe");
    assert_eq!(udp("192.0.2.7:5353"), "1200 ?");
    assert_eq!(udp("192.0.2.9:5353"), "", "not an address of this computer");
    assert_eq!(udp("[2001:db8::7]:5353"), "", "the socket is for IPv4");
    assert_eq!(udp("192.0.2.7:60000"), "", "two sockets of two processes");
}

#[test]
fn contradictions_leave_the_process_out() {
    let reused = "TCP 192.0.2.7:50123 17.1.2.3:443 ESTABLISHED 99\n";
    let tcp = |files: &[&str]| {
        let lists = lists(files);
        owner(&lists, Transport::Tcp, "192.0.2.7:50123", "17.1.2.3:443")
    };
    assert_eq!(tcp(&[SOCKETS, TASKS, reused]), "");
    assert_eq!(tcp(&[SOCKETS, TASKS, reused, SOCKETS]), "");
    assert_eq!(tcp(&[SOCKETS, TASKS, SOCKETS]), "4711 iTunes.exe");
    let renamed = "\"other.exe\",\"4711\"\n";
    assert_eq!(tcp(&[SOCKETS, TASKS, renamed]), "4711 ?");
    assert_eq!(tcp(&[SOCKETS, TASKS, renamed, TASKS]), "4711 ?");
    assert_eq!(
        tcp(&[SOCKETS, TASKS, "\"ITUNES.EXE\",\"4711\"\n"]),
        "4711 iTunes.exe"
    );
}

#[test]
fn states_of_any_language_and_columns_of_other_flags_are_passed_over() {
    for row in [
        "TCP 192.0.2.7:50123 17.1.2.3:443 NAVÁZÁNO 4711",
        "  TCP    192.0.2.7:50123  17.1.2.3:443  HERGESTELLT  4711  ",
        "tcp\t192.0.2.7:50123\t17.1.2.3:443\t確立済み\t4711",
        "TCP 192.0.2.7:50123 17.1.2.3:443 EM ESPERA 4711 InHost",
    ] {
        let lists = lists(&[row, TASKS]);
        let joined = owner(&lists, Transport::Tcp, "192.0.2.7:50123", "17.1.2.3:443");
        assert_eq!(joined, "4711 iTunes.exe", "{row}");
    }
}

#[test]
fn a_filtered_list_says_nothing_of_what_is_not_in_it() {
    assert!(lists(&[TASKS]).is_complete());
    assert!(!lists(&["\"iTunes.exe\",\"4711\",\"Console\"\n"]).is_complete());
    assert!(!lists(&[SOCKETS]).is_complete());
}

#[test]
fn faults_are_told_with_file_and_line() {
    let long = format!("\"{}\",\"1\"\n", "x".repeat(261));
    for (text, line, fault) in [
        ("", None, Fault::Unrecognised),
        (
            "Image Name    PID\n====== ====\n",
            None,
            Fault::Unrecognised,
        ),
        ("a\nTCP 192.0.2.7:50123\n", Some(2), Fault::ForeignAddress),
        ("\nUDP nonsense *:* 7\n", Some(2), Fault::LocalAddress),
        ("TCP 1.2.3.4:1 x 7\n", Some(1), Fault::ForeignAddress),
        (
            "TCP 1.2.3.4:1 5.6.7.8:9 LISTENING\n",
            Some(1),
            Fault::SocketPid,
        ),
        ("\"h\",\"PID\"\n\"x.exe\",\"-1\"\n", Some(2), Fault::TaskPid),
        ("\"x.exe\n", Some(1), Fault::TaskFields),
        ("\"a\",\"1\"\n\0\0\n", Some(2), Fault::Zeros),
        (&long, Some(1), Fault::TaskName),
    ] {
        let error = ProcessLists::default().add("x.txt", text.as_bytes());
        let expected = ListError {
            file: "x.txt".into(),
            line,
            fault,
        };
        assert_eq!(error, Err(expected), "{text:?}");
    }
    let huge = vec![b' '; MAX_LIST_BYTES + 1];
    let error = ProcessLists::default().add("x.txt", &huge).unwrap_err();
    assert_eq!(error.fault, Fault::TooLong);
}
