//! Face models: the manifest and numbers of a package, and our own file. What is read is consistent,
//! comes back as it was written, and never becomes a network that runs.
#![no_main]

use hearth_face::{FACE_MODEL_SHA256, FaceModel, Pack, PackError, Sha256Sum, read_manifest};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // A manifest, a zero byte, numbers.
    if let Some(end) = data.iter().position(|byte| *byte == 0)
        && let Ok(tensors) = read_manifest(&data[..end], &data[end + 1..])
    {
        let mut pack = Pack::default();
        pack.add("fuzz", tensors);
        if let Ok(file) = pack.write() {
            assert_eq!(Pack::read(&file, &Sha256Sum::of(&file)), Ok(pack));
        }
    }
    // With its own sum, so that the reader behind the check is reached.
    if let Ok(pack) = Pack::read(data, &Sha256Sum::of(data)) {
        assert_eq!(pack.write().as_deref(), Ok(data));
    }
    assert_eq!(FaceModel::load(data, &FACE_MODEL_SHA256).err(), Some(PackError::Hash));
});
