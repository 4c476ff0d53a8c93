//! XML from devices: a tree that is no deeper than allowed, whatever comes.
#![no_main]

use hearth_onvif::xml::Element;
use libfuzzer_sys::fuzz_target;

fn depth(element: &Element) -> usize {
    1 + element.children().iter().map(depth).max().unwrap_or(0)
}

fuzz_target!(|data: &[u8]| {
    let Ok(root) = Element::parse(data) else { return };
    assert!(depth(&root) <= 32);
    assert!(!root.name().is_empty() && !root.name().contains(['<', '"', '&', ':', ' ']));
});
