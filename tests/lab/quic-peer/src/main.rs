//! A QUIC client and server for the lab: real packets, no HTTP/3 in them.
//!
//! quic-peer serve ADDRESS:PORT CHAIN.pem KEY.pem [retry]     answers every request with 2 kB; may ask for a Retry first
//! quic-peer get NAME:PORT ROOT.pem SECONDS [4|6] [large]     asks once, and gives up after so many seconds; `large`
//!                                                            offers so many protocols that the hello takes two packets

use std::error::Error;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{ClientConfig, Endpoint, Incoming, ServerConfig};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve", address, chain, key, rest @ ..] => {
            serve(address.parse()?, chain, key, rest.contains(&"retry")).await
        }
        ["get", target, root, seconds, rest @ ..] => {
            let limit = Duration::from_secs_f64(seconds.parse()?);
            get(target, root, limit, rest).await
        }
        _ => Err("usage: quic-peer serve ADDRESS:PORT CHAIN KEY [retry] | get NAME:PORT ROOT SECONDS [4|6] [large]".into()),
    }
}

async fn serve(address: SocketAddr, chain: &str, key: &str, retry: bool) -> Result<()> {
    let chain = CertificateDer::pem_file_iter(chain)?.collect::<std::result::Result<_, _>>()?;
    let mut crypto = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
    crypto.alpn_protocols = vec![b"h3".to_vec()];
    let config = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(crypto)?));
    let endpoint = Endpoint::server(config, address)?;
    while let Some(incoming) = endpoint.accept().await {
        if retry && !incoming.remote_address_validated() {
            incoming.retry()?;
        } else {
            tokio::spawn(async { answer(incoming).await.ok() });
        }
    }
    Ok(())
}

/// Answers requests until the client closes.
async fn answer(incoming: Incoming) -> std::result::Result<(), quinn::ConnectionError> {
    let connection = incoming.await?;
    loop {
        let (mut send, mut receive) = connection.accept_bi().await?;
        if receive.read_to_end(4096).await.is_ok() {
            send.write_all(&[b'x'; 2000]).await.ok();
            send.finish().ok();
        }
    }
}

async fn get(target: &str, root: &str, limit: Duration, rest: &[&str]) -> Result<()> {
    let name = target.rsplit_once(':').ok_or("a target is NAME:PORT")?.0;
    let family = |address: &SocketAddr| match () {
        () if rest.contains(&"4") => address.is_ipv4(),
        () if rest.contains(&"6") => address.is_ipv6(),
        () => true,
    };
    let address = target
        .to_socket_addrs()?
        .find(family)
        .ok_or("no address of that family")?;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(root)?)?;
    let mut crypto = rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    crypto.alpn_protocols = vec![b"h3".to_vec()];
    if rest.contains(&"large") {
        let more =
            (1..=45).map(|number| format!("lab-protocol-{number:03}-of-many-x").into_bytes());
        crypto.alpn_protocols.extend(more);
    }
    let any: SocketAddr = if address.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    }
    .parse()?;
    let mut endpoint = Endpoint::client(any)?;
    endpoint.set_default_client_config(ClientConfig::new(Arc::new(QuicClientConfig::try_from(
        crypto,
    )?)));
    let answered = tokio::time::timeout(limit, ask(&endpoint, address, name)).await;
    // What was in flight is closed in words, and the words are sent.
    endpoint.close(0u32.into(), b"");
    tokio::time::timeout(Duration::from_secs(1), endpoint.wait_idle())
        .await
        .ok();
    answered?
}

/// One request, and its answer to the end.
async fn ask(endpoint: &Endpoint, address: SocketAddr, name: &str) -> Result<()> {
    let connection = endpoint.connect(address, name)?.await?;
    let (mut send, mut receive) = connection.open_bi().await?;
    send.write_all(b"GET /\r\n").await?;
    send.finish()?;
    let answer = receive.read_to_end(1 << 20).await?;
    println!("{} bytes", answer.len());
    Ok(())
}
