//! Class names of the COCO data set, in the order detectors number them.

use hearth_model::Label;

/// The 80 classes (Lin et al., "Microsoft COCO: Common Objects in Context").
#[rustfmt::skip]
const NAMES: [&str; 80] = [
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat",
    "traffic light", "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog",
    "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella",
    "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite",
    "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange",
    "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant",
    "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone",
    "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors",
    "teddy bear", "hair drier", "toothbrush",
];

/// The label of a class number; `None` above 79.
pub fn coco_label(class: usize) -> Option<Label> {
    NAMES.get(class).and_then(|name| Label::new(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_valid_label() {
        assert!((0..80).all(|class| coco_label(class).is_some()));
        assert_eq!(coco_label(0).expect("known").as_str(), "person");
        assert_eq!(coco_label(2).expect("known").as_str(), "car");
        assert_eq!(coco_label(79).expect("known").as_str(), "toothbrush");
        assert_eq!(coco_label(80), None);
    }
}
