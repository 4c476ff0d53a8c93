//! The vectors were made by running an independent client with a throw-away key.

use serde_json::{Value, json};

use super::*;
use crate::cipher::{from_base64, hex_lower};

const KEY: &str = "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC/L00ebgWsR8CDvXK75S//aJQV0PdzxiFJETENZlUuxK6PgptWTtgInnSOFyGqhoWehBqhTr0ewAyMarhLpvDELetXIQ2coE5JwndY4eWVS35qDPHTPHXkbHHi/BQrbHAVsnV4gWUT45IAGpN/+YhpAgwGjZfBwTkzBs9ud+BssQbX0i2YCZ8GGOOWaT1MZSXVZVF9Rlni8CBZAsbLZ5Xwc13rg2WJjJA1b2QqTrwKBQIcSBbgemyreyS5V7TsClSD+UcXQIJV6deJ9l900pKxud0R+6AcXxu/uDTPm9PngR7DaIGgwecIsqkvgU6Sdcl/JQ+uwzjILUEZq9gQydhDAgMBAAECggEASEwL3rj+XjLYAzmN/K3jo7MZZNKb8OT4y1e78/RBvCjWViCuu0mfekrpip4GtiSevN358AwFim5XkHX+8WTU4Wr39v/h1NvuHwhx92OdXQKqcFIq1JWlg1bbDloDCpS8IghVUdeksIu7N1zVcGydgBAtGgFLZRK7nacyo/SjIpZ6xnuJAbKgnPiYXRZ2Rc/WpxwoTY4ECa16yMGYlpmrZeA2BzmVJI+y6a7wOJRqHhsm1fwgBKhbXRflpSxkxdOg/HtrXLkJLWXX0IBg+YAmZgOPFrKccz9/qm5savdcPxsHf/NzsrH7Sb/nFc3AaVgU+L3CCwmRzFnvOWs6zhXX2QKBgQD3G372Zu88ck6pnYdfNvsAugsoIKAQh40E2+g4V1GHNztv7vsCbJ6eL1NDm7rTAA9ii5bcqTpoQ/iKDQU5Qih/kPXeKcoOnZ/fs4snZ8izhjjtHQGcMy+U7HA8smbgjNge1Pk6KX3T0aradnsZfT4L77WyKdCyQRKD3EaNtvYrDQKBgQDGEJyk4/G8ETswLDEHwtFIJUVH83WWHq9Iqw509TRK3hQotMGG7KkdLV/cGNAlS/k6nKzTsjiHKbHddsh9Wvrkvf9Pg+EOH4igKoqlrk3PnJ0oKxYkM+598+6pFpExOVgaFhc7ldMJqa1st8v0x53AwQUrFOp1sPPiJ4XowMP8jwKBgQCIQTAT3BRkhz8axdMETIPBFdTbDopUMvouSLfWgUdiQLFUejkMUCpyXPQTnoY4nJrfIstP5zxei8Q7EwzjUriUBrGcC/zvbDjgl9bOJqsDWqp/DHR71bmR64HD5jdV8DOnZJX8XS6VotIL3jLojietW0Mb93StJbZ44PhCYjWA7QKBgQCgnfQJm3f7BRY0eIHCQ3Any2GleX8PoA6RJXZxzi77z6AVao/N9LknmhY0jEKvHC8eItPcUJias2szpxHq5g6z1IfoWY/2PggzqowI05LyG5Uub9JixWJP7bLKmCxh+JjDfsqUXWloWpryoRHajM4W8/BXAX0ot7ju2xIyr6+/bQKBgGVLjN3IlMQZqy8TWzgC8AMj1j5CD9GPDCdolUtip5jLD67cTprvxCgnuEvASJc2CZqZTpo0+8tsMLI/nozQ4+/TPJ/gTE4Qyi9W1BFHvrxcmgxRumNv3mVFLMaSG9KF7iAR5LJzP607dCymcYCMAo+RwgWJZBWL6Os2ivfmZzGO";
const HIDDEN_KEY: &str = "TDMH9EuWdh6KRz/j5Zo4qnp+w64joNH0m5JcNxTU2n0e5318UYOs+Y48isMOA+jmkNpgy/9yuPbpq9KhY/ROWza6bExBnITeOMTKXksSqRSlhGBIyoSflfHPYOge7L5lz8iLHlHZBnXoXpLtVKOyM6Zao1WfJT/F2gSvAjRcGEy0nT0zZdEpx98ZkdF65nNQVkxLhQc85TS4hhBB1Wok9qxAal8RM0++cOuT0uOuGl9jYr391Dp6aBdL75K27euNzzJyTnsQVAElWePpaYm2Th0Sr3GWabhMs5qQr5z0t1y/Oby2MXQOqOhBQMFmuz5YTP6ERlkH6ae75OqutPCZlg==";
const HIDDEN: &str =
    "9xnwYcVHC24ql9ZrAPca2puCS7LRPXcr3ZDqXIZ2lJNA2sKk39w00misSUQo6l7b0dAQ4fiSVdjppgYILRD0MA==";

fn key() -> ProbeKey {
    ProbeKey::from_pkcs8(&from_base64(KEY).expect("base64")).expect("a key")
}

fn reply(result: Value) -> Vec<u8> {
    let mut datagram = vec![2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    datagram.extend(json!({"error_code": 0, "result": result}).to_string().into_bytes());
    datagram
}

#[test]
fn probes_are_those_of_the_vectors() {
    let packet = probe(&key(), [0x94, 0x88, 0x82, 0x4f]);
    assert_eq!(hex_lower(&packet[..16]), "0200000101e511009488824f82ed0060");
    let body: Value = serde_json::from_slice(&packet[16..]).expect("JSON");
    assert!(
        body["params"]["rsa_key"].as_str().expect("a key").ends_with("-----END PUBLIC KEY-----\n")
    );
    assert_eq!(packet.len(), 16 + 485);
    assert_eq!(hex_lower(&legacy_probe()), "020000010000000000000000463cb5d3");
    assert_eq!(
        hex_lower(&xor_probe()),
        "d0f281f88bff9af7d5ef94b6d1b4c09fec95e68fe187e8caf08bf68bf6"
    );
}

#[test]
fn a_camera_hides_its_port_under_the_key_of_the_probe() {
    let datagram = reply(json!({
        "device_id": "d", "device_model": "C210", "device_type": "SMART.IPCAMERA",
        "mac": "a8-6e-84-00-00-01", "encrypt_type": ["3"], "future": {"field": 1},
        "encrypt_info": {"sym_schm": "AES", "key": HIDDEN_KEY, "data": HIDDEN},
        "mgt_encrypt_schm": {"is_support_https": true},
    }));
    let camera = read_reply(&datagram, Some(&key())).expect("an announcement");
    assert_eq!((camera.family, camera.encryption), (Family::TapoCamera, Encryption::Aes));
    assert_eq!((camera.port, camera.https, camera.login_version), (Some(443), true, Some(3)));
    assert_eq!(camera.mac.as_deref(), Some("A8:6E:84:00:00:01"));
    let unopened = read_reply(&datagram, None).expect("an announcement");
    assert_eq!(unopened.port, None);
}

#[test]
fn a_plug_names_its_transport() {
    let plug = reply(json!({
        "device_id": "p", "device_model": "P110(UK)", "device_type": "SMART.TAPOPLUG",
        "mgt_encrypt_schm": {"encrypt_type": "KLAP", "lv": 2, "http_port": 80, "is_support_https": false},
    }));
    let plug = read_reply(&plug, None).expect("an announcement");
    assert_eq!((plug.family, plug.encryption), (Family::TapoPlug, Encryption::Klap));
    assert_eq!((plug.login_version, plug.port, plug.https), (Some(2), Some(80), false));
    let newest = reply(json!({
        "device_id": "c", "device_model": "C101", "device_type": "SMART.IPCAMERA",
        "encrypt_type": ["4"], "tpap": {"pake": [2]},
    }));
    assert_eq!(read_reply(&newest, None).map(|camera| camera.encryption), Ok(Encryption::Tpap));
}

#[test]
fn an_old_plug_answers_with_its_system_information() {
    let sysinfo = json!({"system": {"get_sysinfo": {
        "err_code": 0, "alias": "Kettle", "model": "HS110(EU)", "deviceId": "80", "relay_state": 1,
        "mac": "50:C7:BF:00:00:01", "type": "IOT.SMARTPLUGSWITCH", "sw_ver": "1.2.5",
    }}});
    let plug = read_xor_reply(&xor::encrypt(sysinfo.to_string().as_bytes())).expect("a plug");
    assert_eq!((plug.family, plug.encryption), (Family::KasaPlug, Encryption::Xor));
    assert_eq!(plug.alias.as_deref(), Some("Kettle"));
}

proptest::proptest! {
    /// promise: K-03. Arbitrary datagrams are an error, never a panic.
    #[test]
    fn arbitrary_datagrams_never_panic(bytes: Vec<u8>, text: String) {
        read_xor_reply(&bytes).ok();
        read_reply(&bytes, None).ok();
        let hidden = json!({"device_id": text, "device_model": text, "mac": text,
            "device_type": text, "encrypt_info": {"sym_schm": text, "key": text, "data": text}});
        read_reply(&reply(hidden), Some(&key())).ok();
    }
}
