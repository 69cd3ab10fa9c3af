//! Requests that two readers could read in two ways are refused; one connection never yields a request that was not sent.

use crate::client::raw;
use crate::setup::{House, http_api, route};

async fn house() -> House {
    House::open(http_api(vec![route("ANY", "/{proxy+}")])).await
}

/// The status line of each answer, and how many requests reached the function.
async fn statuses(bytes: &str) -> (Vec<String>, Vec<String>) {
    let house = house().await;
    let text = raw(house.serving.local_addr(), house.ca.certificate_der(), bytes.as_bytes()).await;
    // A body ends without a line break, so that the next answer may begin in the middle of a line.
    let lines = text.match_indices("HTTP/1.1 ").filter_map(|(at, _)| text[at..].lines().next()).map(str::to_owned);
    let lines = lines.collect();
    let paths =
        house.functions.events("Fn").iter().map(|event| event["rawPath"].as_str().unwrap().to_owned()).collect();
    (lines, paths)
}

const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\nX: ";

#[tokio::test]
async fn malformed_heads_are_refused() {
    let heads = [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5, 6",
        "Content-Length: +5",
        "Content-Length: -1",
        "Content-Length: 0x5",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding : chunked",
        " Transfer-Encoding: chunked",
        "X: a\r\n folded",
        "X: a\0b",
        "X Y: a",
    ];
    for head in heads {
        let request = format!("POST /front HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n0\r\n\r\n{SMUGGLED}");
        let (lines, paths) = statuses(&request).await;
        assert_eq!((lines, paths), (vec!["HTTP/1.1 400 Bad Request".to_owned()], Vec::<String>::new()), "{head:?}");
    }
}

const BOTH: [&str; 4] = [
    "Content-Length: 4\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nContent-Length: 4",
    "content-length: 4\r\nX: a\r\nTRANSFER-ENCODING: chunked",
    "Transfer-Encoding: chunked\r\nContent-Length:",
];

#[tokio::test]
async fn length_with_chunks_is_refused() {
    for head in BOTH {
        for before in ["", "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n", FORM] {
            let request =
                format!("{before}POST /b HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n0\r\n\r\n{SMUGGLED}y\r\n\r\n");
            let (lines, paths) = statuses(&request).await;
            let expected = [&["HTTP/1.1 200 OK"; 1][usize::from(before.is_empty())..], &["HTTP/1.1 400 Bad Request"]];
            assert_eq!(lines, expected.concat(), "{before:?} {head:?}");
            assert!(paths.iter().all(|path| path == "/a"), "{head:?}: {paths:?}");
        }
    }
}

const FORM: &str = "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\na: b\nc=d";

#[tokio::test]
async fn lengths_of_different_requests_do_no_harm() {
    let chunks = "POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\
                  11\r\nContent-Length: 5\r\n0\r\n\r\n";
    let last = "GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let (lines, paths) = statuses(&format!("{FORM}\r\n{chunks}{FORM}\r\n{chunks}{last}")).await;
    assert_eq!((lines, paths.len()), (vec!["HTTP/1.1 200 OK".to_owned(); 5], 5));
}

#[tokio::test]
async fn two_hosts_are_refused() {
    for hosts in ["Host: localhost\r\nHost: localhost", "Host: localhost\r\nX: a\r\nhost: api.localhost"] {
        let request = format!("GET /a HTTP/1.1\r\n{hosts}\r\nConnection: close\r\n\r\n");
        let (lines, paths) = statuses(&request).await;
        assert_eq!((lines, paths), (vec!["HTTP/1.1 400 Bad Request".to_owned()], Vec::<String>::new()), "{hosts:?}");
    }
}

#[tokio::test]
async fn bad_chunks_are_refused() {
    for chunks in [
        "5\nabcde\r\n0\r\n\r\n",
        "0x5\r\nabcde\r\n0\r\n\r\n",
        "5\r\nabcdeXX0\r\n\r\n",
        "fffffffffffffffff\r\n",
        "-1\r\n",
    ] {
        let request = format!(
            "POST /front HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}{SMUGGLED}y\r\n\r\n"
        );
        let (_, paths) = statuses(&request).await;
        assert!(paths.is_empty(), "{chunks:?}: {paths:?}");
    }
}

#[tokio::test]
async fn plain_text_and_prior_knowledge_h2_get_nothing() {
    let (lines, paths) = statuses("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert!(paths.is_empty() && !lines.iter().any(|line| line.contains("200")), "{lines:?}");
}
