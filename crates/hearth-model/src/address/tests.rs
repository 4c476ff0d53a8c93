use proptest::prelude::*;

use super::*;

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// promise: K-04. Every special address has its kind, and its neighbours have theirs.
#[test]
fn each_special_range_is_known_to_its_edges() {
    for (text, kind) in [
        ("0.0.0.0", Unspecified),
        ("0.255.255.255", Unspecified),
        ("1.0.0.0", Public),
        ("9.255.255.255", Public),
        ("10.0.0.0", Private),
        ("10.255.255.255", Private),
        ("100.63.255.255", Public),
        ("100.64.0.0", Private),
        ("100.100.100.200", Reserved),
        ("100.127.255.255", Private),
        ("100.128.0.0", Public),
        ("127.0.0.1", Loopback),
        ("127.255.255.255", Loopback),
        ("169.253.255.255", Public),
        ("169.254.0.0", LinkLocal),
        ("169.254.169.254", LinkLocal),
        ("172.15.255.255", Public),
        ("172.16.0.0", Private),
        ("172.31.255.255", Private),
        ("172.32.0.0", Public),
        ("192.0.0.8", Reserved),
        ("192.0.2.1", Reserved),
        ("192.168.0.1", Private),
        ("192.169.0.0", Public),
        ("198.19.255.255", Reserved),
        ("198.51.100.1", Reserved),
        ("203.0.113.1", Reserved),
        ("223.255.255.255", Public),
        ("224.0.0.1", Multicast),
        ("239.255.255.250", Multicast),
        ("240.0.0.1", Reserved),
        ("255.255.255.254", Reserved),
        ("255.255.255.255", Broadcast),
        ("168.63.129.16", Reserved),
        ("::", Unspecified),
        ("::1", Loopback),
        ("::2", Reserved),
        ("fc00::", Private),
        ("fdff:ffff::1", Private),
        ("fd00:ec2::254", Reserved),
        ("fe80::1", LinkLocal),
        ("febf::1", LinkLocal),
        ("fec0::1", Reserved),
        ("ff02::1", Multicast),
        ("100::1", Reserved),
        ("2001::1", Reserved),
        ("2001:db8::1", Reserved),
        ("2001:4860:4860::8888", Public),
        ("3fff::1", Reserved),
        ("5f00::1", Reserved),
    ] {
        assert_eq!(AddressKind::of(address(text)), kind, "{text}");
    }
}

/// promise: K-04. An IPv4 address inside an IPv6 one opens no door that it does not open itself.
#[test]
fn a_wrapped_address_leads_nowhere_its_content_does_not() {
    let devices = AddressPolicy::DEVICES.with_this_machine();
    // Mapped: judged as what it is.
    assert_eq!(AddressKind::of(address("::ffff:127.0.0.1")), Loopback);
    assert_eq!(AddressKind::of(address("::ffff:169.254.169.254")), LinkLocal);
    assert_eq!(AddressKind::of(address("::ffff:0.0.0.0")), Unspecified);
    assert_eq!(AddressKind::of(address("::ffff:192.168.1.4")), Private);
    // Compatible (deprecated), NAT64, NAT64 of one's own, 6to4, Teredo: refused unless public.
    for text in [
        "::127.0.0.1",
        "::169.254.169.254",
        "::8.8.8.8",
        "64:ff9b::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::a9fe:a9fe",
        "2002:7f00:1::1",
        "2002:a9fe:a9fe::",
        "2002:c0a8:101::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ] {
        assert_eq!(devices.check(address(text)), Err(AddressRefused { kind: Reserved }), "{text}");
    }
    for text in ["64:ff9b::8.8.8.8", "2002:808:808::1"] {
        assert_eq!(devices.check(address(text)), Ok(()), "{text}");
    }
}

/// promise: K-04. Cameras live in private networks, services do not, and this machine is neither.
#[test]
fn what_is_admitted_is_named() {
    let ok = |policy: AddressPolicy, text| policy.check(address(text)).is_ok();
    for policy in [AddressPolicy::DEVICES, AddressPolicy::SERVICES] {
        assert!(ok(policy, "93.184.216.34"));
        assert!(!ok(policy, "127.0.0.1") && !ok(policy, "::1"));
        assert!(ok(policy.with_this_machine(), "127.0.0.1"));
        for never in ["169.254.169.254", "0.0.0.0", "224.0.0.1", "255.255.255.255", "fe80::1"] {
            assert!(!ok(policy.with_this_machine().with_private(), never), "{never}");
        }
    }
    assert!(ok(AddressPolicy::DEVICES, "192.168.1.20"));
    assert!(!ok(AddressPolicy::SERVICES, "192.168.1.20"));
    assert!(ok(AddressPolicy::SERVICES.with_private(), "192.168.1.20"));
}

/// promise: D-16. A range is written exactly or not at all.
#[test]
fn ranges_are_read_and_compared() {
    let range = |text: &str| text.parse::<AddressRange>();
    let ten = range("10.0.0.0/8").expect("valid");
    assert!(ten.contains(address("10.9.8.7")) && ten.contains(address("::ffff:10.9.8.7")));
    assert!(!ten.contains(address("11.0.0.1")) && !ten.contains(address("::10.0.0.1")));
    assert!(range("::/0").expect("valid").contains(address("2001:db8::1")));
    assert!(range("0.0.0.0/0").expect("valid").contains(address("8.8.8.8")));
    let one = range("192.168.1.2").expect("valid");
    assert!(one.contains(address("192.168.1.2")) && !one.contains(address("192.168.1.3")));
    for wrong in [
        "",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.1/8",
        "10.0.0.0/+8",
        "10.0.0.0/08",
        "10/8",
        "::/129",
        "::ffff:10.0.0.0/104",
        "proxy.lan",
        "*",
    ] {
        assert_eq!(range(wrong), Err(AddressRangeError), "{wrong}");
    }
}

proptest! {
    /// However an IPv4 address is dressed, it is not admitted where it is refused bare.
    #[test]
    fn clothes_open_no_door(bits in any::<u32>(), private in any::<bool>(), loopback in any::<bool>()) {
        let policy = AddressPolicy { private, loopback };
        let bare = Ipv4Addr::from(bits);
        let [a, b, c, d] = bare.octets();
        let pair = |high: u8, low: u8| u16::from_be_bytes([high, low]);
        let (high, low) = (pair(a, b), pair(c, d));
        let clothes = [
            bare.to_ipv6_mapped(),
            Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
            Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, high, low),
            Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
        ];
        for dressed in clothes {
            let is_own = matches!(AddressKind::of(dressed.into()), Loopback | Unspecified);
            if policy.check(dressed.into()).is_ok() && !is_own {
                prop_assert_eq!(policy.check(bare.into()), Ok(()), "{}", dressed);
            }
        }
    }

    #[test]
    fn any_range_that_was_read_reads_the_same_again(bits in any::<u128>(), v6 in any::<bool>(), prefix in 0u8..=128) {
        let first = if v6 { IpAddr::from(Ipv6Addr::from(bits)) } else { IpAddr::from(Ipv4Addr::from(bits as u32)) };
        if let Ok(range) = format!("{first}/{prefix}").parse::<AddressRange>() {
            prop_assert!(range.contains(first));
            prop_assert_eq!(range.to_string().parse(), Ok(range));
        }
    }

    #[test]
    fn any_text_is_read_or_refused_without_panic(text in "\\PC{0,50}") {
        text.parse::<AddressRange>().ok();
    }
}
