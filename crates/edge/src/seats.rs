//! A listener's connections: who holds how many, and which goes first when there are too many.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::activity::Activity;

/// All connections of a listener.
#[derive(Debug)]
pub(crate) struct Seats {
    per_peer: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    seats: HashMap<u64, (IpAddr, Arc<Activity>)>,
}

/// One connection's place; gives it back when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    number: u64,
    seats: Arc<Seats>,
    pub(crate) activity: Arc<Activity>,
}

impl Seats {
    pub(crate) fn new(per_peer: usize) -> Arc<Self> {
        Arc::new(Self { per_peer, taken: Mutex::default() })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a connection of that peer. A peer with too many gives up an idle one, or gets none.
    pub(crate) fn take(self: &Arc<Self>, peer: IpAddr) -> Option<Seat> {
        let peer = network(peer);
        let mut taken = self.taken();
        // Everything on this machine has one address, so a share by address would be everybody's.
        if !peer.is_loopback() {
            let held = taken.seats.values().filter(|(holder, _)| *holder == peer).count();
            if held >= self.per_peer && !taken.evict(|holder| holder == peer) {
                return None;
            }
        }
        let (number, activity) = (taken.next, Activity::new());
        taken.next += 1;
        taken.seats.insert(number, (peer, Arc::clone(&activity)));
        Some(Seat { number, seats: Arc::clone(self), activity })
    }

    /// Closes the connection that has been idle for longest, if one is idle.
    pub(crate) fn evict_idlest(&self) -> bool {
        self.taken().evict(|_| true)
    }
}

impl Taken {
    fn evict(&mut self, of: impl Fn(IpAddr) -> bool) -> bool {
        let idle = self.seats.iter().filter(|(_, (peer, _))| of(*peer));
        let longest = idle.filter_map(|(number, (_, activity))| Some((activity.idle_since()?, *number))).min();
        let Some((_, number)) = longest else { return false };
        self.seats.remove(&number).is_some_and(|(_, activity)| activity.evict())
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.taken().seats.remove(&self.number);
    }
}

/// One peer: an address, or the /64 that one customer is given of IPv6.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
        address @ (IpAddr::V4(_) | IpAddr::V6(_)) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn given_up(seat: &Seat) -> bool {
        seat.activity.begin().is_none()
    }

    #[tokio::test]
    async fn a_peer_has_its_share_and_gives_up_idle_connections_first() {
        let seats = Seats::new(2);
        let idle = seats.take(peer("192.0.2.1")).unwrap();
        let busy = seats.take(peer("192.0.2.1")).unwrap();
        let _working = busy.activity.begin().unwrap();
        let third = seats.take(peer("::ffff:192.0.2.1")).unwrap();
        let _working_too = third.activity.begin().unwrap();
        assert!(given_up(&idle) && !given_up(&busy));
        assert!(seats.take(peer("192.0.2.1")).is_none(), "both are at work");
        assert!(seats.take(peer("192.0.2.2")).is_some(), "others are not bound by that");
        drop(third);
        assert!(seats.take(peer("192.0.2.1")).is_some());
    }

    #[tokio::test]
    async fn one_network_of_ipv6_is_one_peer() {
        let seats = Seats::new(1);
        let first = seats.take(peer("2001:db8::1")).unwrap();
        let _working = first.activity.begin().unwrap();
        assert!(seats.take(peer("2001:db8::ffff:1")).is_none());
        assert!(seats.take(peer("2001:db8:0:1::1")).is_some());
    }

    #[tokio::test]
    async fn this_machine_has_no_share() {
        let seats = Seats::new(1);
        let held: Vec<_> = (0..9).map(|_| seats.take(peer("127.0.0.1")).unwrap()).collect();
        assert!(held.iter().all(|seat| !given_up(seat)));
    }

    #[tokio::test]
    async fn the_longest_idle_goes_first() {
        let seats = Seats::new(9);
        let held: Vec<_> = (0..3).map(|_| seats.take(peer("127.0.0.1")).unwrap()).collect();
        drop(held[0].activity.begin());
        assert!(seats.evict_idlest());
        assert_eq!(held.iter().map(given_up).collect::<Vec<_>>(), [false, true, false]);
    }
}
