//! Labelled pictures in the forms that trainers read: COCO and YOLO. Pure.
//!
//! A picture is called after its id, and nothing says of which camera or when it is.

use std::collections::{BTreeMap, BTreeSet};

use hearth_model::{Label, Rect, ReviewId};
use serde_json::{Value, json};

use super::view::ReviewBox;

/// Folder of the pictures.
const IMAGES: &str = "images";

/// How labels are written down.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DatasetFormat {
    /// One `annotations.json` (Lin et al., "Microsoft COCO: Common Objects in Context").
    Coco,
    /// `classes.txt`, and a file of lines for each picture.
    Yolo,
}

/// A picture and what is in it.
#[derive(Clone, Debug)]
pub(super) struct LabelledPicture {
    pub(super) id: ReviewId,
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) boxes: Vec<ReviewBox>,
}

impl LabelledPicture {
    /// Where it lies in the data set.
    pub(super) fn path(&self) -> String {
        format!("{IMAGES}/{}", self.file_name())
    }

    fn file_name(&self) -> String {
        format!("{}.jpg", self.id)
    }
}

/// The files beside the pictures, with their names.
pub(super) fn label_files(
    format: DatasetFormat,
    pictures: &[LabelledPicture],
) -> Vec<(String, Vec<u8>)> {
    let classes = Classes::of(pictures);
    match format {
        DatasetFormat::Coco => {
            // Plain data with string keys: turning it into JSON cannot fail.
            let json = serde_json::to_vec_pretty(&coco(pictures, &classes)).unwrap_or_default();
            vec![("annotations.json".to_owned(), json)]
        }
        DatasetFormat::Yolo => yolo(pictures, &classes),
    }
}

/// All labels in use, numbered from 0 in the order of the alphabet.
struct Classes(BTreeMap<Label, usize>);

impl Classes {
    fn of(pictures: &[LabelledPicture]) -> Self {
        let labels = pictures.iter().flat_map(|picture| &picture.boxes).map(|one| &one.label);
        let labels: BTreeSet<&Label> = labels.collect();
        Self(
            labels.into_iter().enumerate().map(|(number, label)| (label.clone(), number)).collect(),
        )
    }

    fn number(&self, label: &Label) -> usize {
        self.0.get(label).copied().unwrap_or(0)
    }
}

/// Ids count from 1: some readers take 0 for the background.
fn coco(pictures: &[LabelledPicture], classes: &Classes) -> Value {
    let images = pictures.iter().enumerate().map(|(number, picture)| {
        let (width, height) = (picture.width, picture.height);
        let file_name = picture.file_name();
        json!({ "id": number + 1, "file_name": file_name, "width": width, "height": height })
    });
    let boxes = pictures.iter().enumerate().flat_map(|(number, picture)| {
        picture.boxes.iter().map(move |one| (number + 1, picture, one))
    });
    let annotations = boxes.enumerate().map(|(number, (image, picture, one))| {
        let [x, y, w, h] = pixels(&one.area, picture);
        json!({
            "id": number + 1,
            "image_id": image,
            "category_id": classes.number(&one.label) + 1,
            "bbox": [x, y, w, h],
            "area": w * h,
            "iscrowd": 0,
            "segmentation": [],
        })
    });
    let categories = classes.0.iter().map(
        |(label, number)| json!({ "id": number + 1, "name": label, "supercategory": "thing" }),
    );
    json!({
        "info": { "description": "Pictures that were looked at in Hearthwatch", "version": "1.0" },
        "licenses": [],
        "images": images.collect::<Vec<_>>(),
        "annotations": annotations.collect::<Vec<_>>(),
        "categories": categories.collect::<Vec<_>>(),
    })
}

/// Left edge, top edge, width and height in pixels, to a hundredth.
fn pixels(area: &Rect, picture: &LabelledPicture) -> [f64; 4] {
    let (width, height) = (f64::from(picture.width), f64::from(picture.height));
    let rounded = |fraction: f32, side: f64| (f64::from(fraction) * side * 100.0).round() / 100.0;
    [
        rounded(area.x, width),
        rounded(area.y, height),
        rounded(area.w, width),
        rounded(area.h, height),
    ]
}

/// A picture in which nothing is has an empty file: that is what it teaches.
fn yolo(pictures: &[LabelledPicture], classes: &Classes) -> Vec<(String, Vec<u8>)> {
    let names: String = classes.0.keys().map(|label| format!("{label}\n")).collect();
    let labels = pictures.iter().map(|picture| {
        let line = |one: &ReviewBox| {
            let Rect { x, y, w, h } = one.area;
            let number = classes.number(&one.label);
            format!("{number} {:.6} {:.6} {w:.6} {h:.6}\n", x + w / 2.0, y + h / 2.0)
        };
        let lines: String = picture.boxes.iter().map(line).collect();
        (format!("labels/{}.txt", picture.id), lines.into_bytes())
    });
    [("classes.txt".to_owned(), names.into_bytes())].into_iter().chain(labels).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thing(label: &str, x: f32) -> ReviewBox {
        let area = Rect { x, y: 0.25, w: 0.25, h: 0.5 };
        ReviewBox { label: Label::new(label).expect("valid"), area, score: Some(0.5) }
    }

    fn pictures() -> Vec<LabelledPicture> {
        let picture =
            |boxes| LabelledPicture { id: ReviewId::new(), width: 640, height: 360, boxes };
        vec![
            picture(vec![thing("person", 0.5), thing("dog", 0.0)]),
            picture(Vec::new()),
            picture(vec![thing("dog", 0.25)]),
        ]
    }

    /// Every id that COCO refers to is there once, and boxes are in pixels.
    #[test]
    fn coco_is_consistent() {
        let pictures = pictures();
        let files = label_files(DatasetFormat::Coco, &pictures);
        assert_eq!(files.len(), 1);
        let (name, json) = &files[0];
        assert_eq!(name, "annotations.json");
        let coco: Value = serde_json::from_slice(json).expect("JSON");
        let ids = |of: &str, key: &str| -> Vec<u64> {
            let all = coco[of].as_array().expect("a list");
            all.iter().map(|one| one[key].as_u64().expect("a number")).collect()
        };
        assert_eq!(ids("images", "id"), [1, 2, 3]);
        assert_eq!(ids("annotations", "id"), [1, 2, 3]);
        assert_eq!(ids("annotations", "image_id"), [1, 1, 3], "the empty one has none");
        assert_eq!(ids("categories", "id"), [1, 2]);
        assert_eq!(ids("annotations", "category_id"), [2, 1, 1]);
        assert_eq!(coco["categories"][0]["name"], "dog");
        assert_eq!(coco["annotations"][0]["bbox"], json!([320.0, 90.0, 160.0, 180.0]));
        assert_eq!(coco["annotations"][0]["area"], 28_800.0);
        let path = format!("images/{}", coco["images"][2]["file_name"].as_str().expect("a name"));
        assert_eq!(path, pictures[2].path());
    }

    #[test]
    fn yolo_has_a_file_for_each_picture_and_an_empty_one_where_nothing_is() {
        let pictures = pictures();
        let files = label_files(DatasetFormat::Yolo, &pictures);
        let text = |place: usize| std::str::from_utf8(&files[place].1).expect("text");
        assert_eq!((files.len(), files[0].0.as_str()), (4, "classes.txt"));
        assert_eq!(text(0), "dog\nperson\n");
        assert_eq!(files[1].0, format!("labels/{}.txt", pictures[0].id));
        let lines =
            "1 0.625000 0.500000 0.250000 0.500000\n0 0.125000 0.500000 0.250000 0.500000\n";
        assert_eq!((text(1), text(2)), (lines, ""));
    }
}
