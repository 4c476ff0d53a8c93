//! Finds, aligns, describes and recognises faces: arithmetic on pictures and templates.
//!
//! Pure: pictures and weights go in, faces, templates and decisions come out; no clock, no thread,
//! no file, so it runs as it is in the sandboxed worker. Unsure means unknown: whoever is not
//! clearly one person is nobody. Pictures and templates are wiped when dropped.
//! Not here: decoding pictures, YuNet's network (`hearth-eyes`), and who consented to be known.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::panic, clippy::let_underscore_must_use, reason = "tests"))]

mod align;
mod finder;
mod layers;
mod model;
mod networks;
mod picture;
mod quality;
mod reader;
mod template;
mod weights;

pub use align::{FACE_POINTS, FacePoints};
pub use finder::{BuiltInFinder, FACES_MAX, FaceFinder, FoundFace, Thorough, surest_faces};
pub use model::{FACE_MODEL_SHA256, FaceModel, embedded_face_model};
pub use picture::{Picture, PictureError};
pub use quality::{Flaw, Quality};
pub use reader::{FaceReader, FaceReading, Indescribable};
pub use template::{NotATemplate, TEMPLATE_BYTES, TEMPLATE_NUMBERS, Template};
pub use weights::{ManifestError, Pack, PackError, Sha256Sum, StoredTensor, read_manifest};
