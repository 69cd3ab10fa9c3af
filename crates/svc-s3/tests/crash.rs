//! A power cut: objects that were acknowledged are there afterwards, whole.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on panics, in its helpers too")]

mod support;

use std::path::Path;

use burgward_testkit::PowerCut;
use support::House;

const DIR: &str = "S3_CRASH_DIR";

/// A content as long as the number's way of putting it needs, which no other number has.
fn content(number: usize, length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at * 7 + number * 13) % 251).unwrap()).collect()
}

/// One of the ways to put an object, and the object's content: beside its metadata, in a file, in parts, as a copy.
async fn put(house: &House, number: usize) -> Vec<u8> {
    let path = format!("/shelf/{number}");
    match number % 4 {
        0 => {
            let small = content(number, 1_000);
            house.put(&path, small.clone()).await;
            small
        }
        1 => {
            let large = content(number, 200_000);
            house.put(&path, large.clone()).await;
            large
        }
        2 => {
            let begun = house.send("POST", &format!("{path}?uploads"), &[], "").await;
            let upload = begun.element("UploadId");
            let (first, second) = (content(number, 5 << 20), content(number + 1, 100_000));
            let mut list = Vec::new();
            for (part, bytes) in [(1, &first), (2, &second)] {
                let answer = house.put(&format!("{path}?partNumber={part}&uploadId={upload}"), bytes.clone()).await;
                let etag = answer.header("etag").replace('"', "&quot;");
                list.push(format!("<Part><PartNumber>{part}</PartNumber><ETag>{etag}</ETag></Part>"));
            }
            let list = format!("<CompleteMultipartUpload>{}</CompleteMultipartUpload>", list.concat());
            let done = house.send("POST", &format!("{path}?uploadId={upload}"), &[], list).await;
            assert_eq!((done.status, done.element("Code")), (200, String::new()));
            [first, second].concat()
        }
        _ => {
            let source = format!("/shelf/{}", number - 2);
            let copied = house.send("PUT", &path, &[("x-amz-copy-source", &source)], "").await;
            assert_eq!(copied.status, 200, "{}", copied.text());
            content(number - 2, 200_000)
        }
    }
}

/// Not a test by itself: what the power is taken from.
#[tokio::test]
async fn child_puts_objects_for_ever() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let house = House::open(Path::new(&dir)).await;
    let region =
        "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    assert_eq!(house.send("PUT", "/shelf", &[], region).await.status, 200);
    for number in 0.. {
        let length = put(&house, number).await.len();
        println!("\nacknowledged {number} {length}");
    }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_by_a_power_cut() {
    let power = PowerCut::new();
    let acknowledged = power.run("child_puts_objects_for_ever", DIR, 12);
    let house = House::open(&power.after()).await;
    for line in &acknowledged {
        let (number, length) = line.split_once(' ').unwrap();
        let number: usize = number.parse().unwrap();
        let expected = match number % 4 {
            0 => content(number, 1_000),
            1 => content(number, 200_000),
            2 => [content(number, 5 << 20), content(number + 1, 100_000)].concat(),
            _ => content(number - 2, 200_000),
        };
        assert_eq!(expected.len().to_string(), length);
        let got = house.get(&format!("/shelf/{number}")).await;
        assert!(
            got.status == 200 && got.body == expected,
            "object {number} was acknowledged and is lost: {}",
            got.status
        );
    }
}
