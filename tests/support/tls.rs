//! TLS records and handshake messages (RFC 8446 sections 4 and 5, RFC 5246 section 7.4).

/// A certificate for gs.apple.com from a CA whose organisation is DigiCert Inc; both are ours (`certificates/make.sh`).
pub(crate) const GENUINE: [&[u8]; 2] = [
    include_bytes!("certificates/genuine-leaf.der"),
    include_bytes!("certificates/genuine-ca.der"),
];

/// The same host name from a CA of no trusted organisation.
pub(crate) const INTERCEPTED: [&[u8]; 2] = [
    include_bytes!("certificates/proxy-leaf.der"),
    include_bytes!("certificates/proxy-ca.der"),
];

fn u24(length: usize) -> [u8; 3] {
    let [.., a, b, c] = u32::try_from(length).unwrap().to_be_bytes();
    [a, b, c]
}

pub(crate) fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut wire = vec![kind, 3, 3];
    wire.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    wire.extend(body);
    wire
}

fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = vec![kind];
    message.extend(u24(body.len()));
    message.extend(body);
    record(22, &message)
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    let mut wire = kind.to_be_bytes().to_vec();
    wire.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    wire.extend(body);
    wire
}

fn server_name(host: &str) -> Vec<u8> {
    let name = u16::try_from(host.len()).unwrap();
    let mut body = (name + 3).to_be_bytes().to_vec();
    body.push(0);
    body.extend(name.to_be_bytes());
    body.extend(host.as_bytes());
    extension(0, &body)
}

/// A ClientHello for a host that offers TLS 1.3 and 1.2.
pub(crate) fn client_hello(host: &str) -> Vec<u8> {
    client_hello_with(&[server_name(host)].concat())
}

/// A ClientHello that offers HTTP/3 and a GREASE protocol (RFC 8701).
pub(crate) fn http3_client_hello(host: &str) -> Vec<u8> {
    let protocols = extension(16, &[0, 6, 2, 0x0a, 0x0a, 2, b'h', b'3']);
    client_hello_with(&[server_name(host), protocols].concat())
}

/// A ClientHello without a server name.
pub(crate) fn nameless_client_hello() -> Vec<u8> {
    client_hello_with(&[])
}

/// A ClientHello of at least so many bytes (padding, RFC 7685): two segments from 1449 on.
pub(crate) fn large_client_hello(host: &str, bytes: usize) -> Vec<u8> {
    client_hello_with(&[server_name(host), extension(21, &vec![0; bytes])].concat())
}

/// A ClientHello with an encrypted inner one (extension 0xfe0d) and this outer name.
pub(crate) fn encrypted_client_hello(outer: &str) -> Vec<u8> {
    client_hello_with(&[server_name(outer), extension(0xfe0d, &[0; 64])].concat())
}

/// A ClientHello that resumes a session (a pre-shared key, RFC 8446 section 4.2.11) and announces early data.
pub(crate) fn early_client_hello(host: &str) -> Vec<u8> {
    let key = [
        &[0, 22, 0, 16][..],
        &[5; 16],
        &[0, 0, 0, 9],
        &[0, 33, 32],
        &[6; 32],
    ]
    .concat();
    client_hello_with(&[server_name(host), extension(42, &[]), extension(41, &key)].concat())
}

fn client_hello_with(extensions: &[u8]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.push(0);
    body.extend([0, 4, 0x13, 0x01, 0xc0, 0x2f, 1, 0]);
    let versions = extension(43, &[4, 3, 4, 3, 3]);
    let all = [extensions, &versions].concat();
    body.extend(u16::try_from(all.len()).unwrap().to_be_bytes());
    body.extend(all);
    handshake(1, &body)
}

fn hello_of_server(random: [u8; 32], tls13: bool) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend(random);
    body.push(0);
    body.extend(if tls13 {
        [0x13, 0x01, 0]
    } else {
        [0xc0, 0x2f, 0]
    });
    let extensions = if tls13 {
        extension(43, &[3, 4])
    } else {
        Vec::new()
    };
    body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    body.extend(extensions);
    handshake(2, &body)
}

/// A TLS 1.3 ServerHello.
pub(crate) fn server_hello_13() -> Vec<u8> {
    hello_of_server([9; 32], true)
}

/// A TLS 1.2 ServerHello.
pub(crate) fn server_hello_12() -> Vec<u8> {
    hello_of_server([9; 32], false)
}

/// A `HelloRetryRequest` (the random of RFC 8446 section 4.1.3).
pub(crate) fn hello_retry_request() -> Vec<u8> {
    hello_of_server(
        [
            0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65,
            0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2,
            0xc8, 0xa8, 0x33, 0x9c,
        ],
        true,
    )
}

/// A TLS 1.2 Certificate message.
pub(crate) fn certificates(chain: &[&[u8]]) -> Vec<u8> {
    let mut list = Vec::new();
    for der in chain {
        list.extend(u24(der.len()));
        list.extend(*der);
    }
    let mut body = u24(list.len()).to_vec();
    body.extend(list);
    handshake(11, &body)
}

pub(crate) fn server_hello_done() -> Vec<u8> {
    handshake(14, &[])
}

/// A TLS 1.2 `ClientKeyExchange`.
pub(crate) fn client_key_exchange() -> Vec<u8> {
    handshake(16, &[32; 33])
}

pub(crate) fn change_cipher_spec() -> Vec<u8> {
    record(20, &[1])
}

/// A handshake message under TLS 1.2's record protection: a Finished.
pub(crate) fn encrypted_handshake() -> Vec<u8> {
    record(22, &[0xe5; 40])
}

/// A record that looks like application data: any encrypted one of TLS 1.3.
pub(crate) fn application(bytes: usize) -> Vec<u8> {
    record(23, &vec![0xa5; bytes])
}

/// A plaintext alert.
pub(crate) fn alert(fatal: bool, description: u8) -> Vec<u8> {
    record(21, &[if fatal { 2 } else { 1 }, description])
}
