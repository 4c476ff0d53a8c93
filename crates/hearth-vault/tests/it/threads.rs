//! Many recorders at once, and erasure in the middle of it.

use std::{collections::HashSet, sync::Barrier, thread};

use super::*;

const CAMERAS: u8 = 8;
const FILES: u8 = 20;

fn id(thread: u8, file: u8) -> [u8; 16] {
    let mut id = [file; 16];
    id[0] = thread;
    id
}

#[test]
fn recorders_make_keys_at_the_same_time() {
    let machine = Machine::new();
    let vault = machine.create();
    let cameras: Vec<_> = (0..CAMERAS).map(|_| camera(&vault)).collect();
    let barrier = Barrier::new(usize::from(CAMERAS) * 2);
    thread::scope(|scope| {
        // Two threads a camera: a recorder never does that, but nothing must break.
        for (number, camera) in (0..CAMERAS)
            .flat_map(|n| [n, n + CAMERAS])
            .zip(cameras.iter().flat_map(|camera| [camera, camera]))
        {
            let (vault, barrier) = (&vault, &barrier);
            scope.spawn(move || {
                barrier.wait();
                for file in 0..FILES {
                    vault.create_file_key(*camera, DAY, id(number, file)).expect("a key");
                }
            });
        }
    });
    drop(vault);
    let vault = machine.open();
    for camera in &cameras {
        let files: HashSet<_> = vault.files(*camera, DAY).expect("lists").into_iter().collect();
        assert_eq!(files.len(), usize::from(FILES) * 2);
    }
    let report = vault.verify().expect("checks");
    assert!(report.is_sound());
    assert_eq!(report.file_keys, usize::from(FILES) * 2 * usize::from(CAMERAS));
}

#[test]
fn an_erased_camera_does_not_come_back_while_it_records() {
    let machine = Machine::new();
    let vault = machine.create();
    for _ in 0..10 {
        let camera = camera(&vault);
        let scope = KeyScope::Camera(camera);
        let barrier = Barrier::new(3);
        thread::scope(|threads| {
            for number in 0..2 {
                let (vault, barrier) = (&vault, &barrier);
                threads.spawn(move || {
                    barrier.wait();
                    for file in 0..FILES {
                        let made = vault.create_file_key(camera, DAY, id(number, file));
                        let sealed = vault.seal(&scope, b"", b"x");
                        if let (Err(VaultError::ScopeMissing(_)), Err(_)) = (made, sealed) {
                            return;
                        }
                    }
                });
            }
            barrier.wait();
            vault.destroy_scope(&scope).expect("destroys");
        });
        assert!(matches!(vault.seal(&scope, b"", b"x"), Err(VaultError::ScopeMissing(_))));
        let slots = machine.data().join("vault/slots").join(camera.to_string());
        assert!(!slots.exists());
    }
}
