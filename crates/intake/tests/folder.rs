//! A watched folder: what is taken, where it ends, and a stop at every step.

use std::{
    fs::{self, File, FileTimes},
    io::{self, Read as _},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::Mutex,
    time::{Duration, SystemTime},
};

use sanctuary_intake::folder::{Claimed, Folder, Look, Pattern, Step, Taken, TakesFiles};
use sanctuary_node_core::ImportSummary;
use sanctuary_types::Timestamp;

const NOW: Timestamp = Timestamp(1_795_392_000_000);

/// A node that remembers the texts it was given.
#[derive(Default)]
struct Node {
    taken: Mutex<Vec<String>>,
    later: Mutex<bool>,
}

impl TakesFiles for Node {
    fn take(&self, mut claimed: Claimed<'_>) -> Result<Taken, String> {
        if *self.later.lock().unwrap() {
            return Err("the disk is full".to_owned());
        }
        let mut text = String::new();
        claimed.file.read_to_string(&mut text).unwrap();
        if text.starts_with("bad") {
            return Ok(Taken::Refused("the file has no column \"id\"".to_owned()));
        }
        let mut rejects = claimed.path.as_os_str().to_owned();
        rejects.push(".rejects.csv");
        fs::write(rejects, "row,column,rule,outcome\n").unwrap();
        self.taken.lock().unwrap().push(text);
        Ok(Taken::Imported(Box::new(ImportSummary {
            rows: 3,
            new: 2,
            ..ImportSummary::default()
        })))
    }
}

impl Node {
    fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Names that are older the earlier they stand.
    fn put(&self, files: &[(&str, &str)]) {
        let begin = SystemTime::now() - Duration::from_secs(3_600);
        for (n, (name, text)) in files.iter().enumerate() {
            fs::write(self.path(name), text).unwrap();
            let at = begin + Duration::from_secs(n as u64);
            let file = File::options().write(true).open(self.path(name)).unwrap();
            file.set_times(FileTimes::new().set_modified(at)).unwrap();
        }
    }

    fn folder(&self) -> Folder {
        Folder::open("cases".parse().unwrap(), self.dir.path(), Pattern::any()).unwrap()
    }

    /// Names without their stamps, in order.
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let name = |entry: io::Result<fs::DirEntry>| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.split_once('-').unwrap().1.to_owned()
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    fn waiting(&self) -> usize {
        let entries = fs::read_dir(self.dir.path()).unwrap();
        let is_file = |e: &io::Result<fs::DirEntry>| e.as_ref().unwrap().path().is_file();
        entries.filter(is_file).count()
    }
}

fn look(folder: &mut Folder, node: &Node) -> Result<Look, String> {
    folder.look(node, NOW, &mut |_| Ok(()))
}

fn twice(folder: &mut Folder, node: &Node) -> Look {
    look(folder, node).unwrap();
    look(folder, node).unwrap()
}

#[test]
fn a_file_is_taken_once_it_stays_the_same() {
    let (place, node) = (Place::new(), Node::default());
    let mut folder = place.folder();
    place.put(&[("people.csv", "a"), ("people.xlsx.part", "x")]);
    assert_eq!(look(&mut folder, &node).unwrap().waiting, 1);
    place.put(&[("people.csv", "a grown")]);
    assert_eq!(look(&mut folder, &node).unwrap().waiting, 1);
    assert!(node.taken().is_empty());
    assert_eq!(look(&mut folder, &node).unwrap().imported, 1);
    assert_eq!(node.taken(), ["a grown"]);
    let expected = [
        "people.csv",
        "people.csv.rejects.csv",
        "people.csv.summary.json",
    ];
    assert_eq!(place.names("processed"), expected);
    assert!(place.names("processing").is_empty());
    assert_eq!(place.waiting(), 1, "the unfinished one stays");
    assert_eq!(twice(&mut folder, &node), Look::default());
}

#[test]
fn files_come_oldest_first_and_a_bad_one_stops_nothing() {
    let (place, node) = (Place::new(), Node::default());
    place.put(&[("c.csv", "1"), ("b.csv", "bad"), ("a.csv", "3")]);
    let look = twice(&mut place.folder(), &node);
    assert_eq!((look.imported, look.refused), (2, 1));
    assert_eq!(node.taken(), ["1", "3"]);
    assert_eq!(place.names("rejected"), ["b.csv", "b.csv.summary.json"]);
    let summary = fs::read_dir(place.path("rejected")).unwrap();
    let mut paths = summary.map(|e| e.unwrap().path());
    let summary = paths.find(|p| p.extension().unwrap() == "json");
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(summary.unwrap()).unwrap()).unwrap();
    assert_eq!(json["outcome"], "rejected");
    assert_eq!(json["problem"], "the file has no column \"id\"");
    assert_eq!(json["feed"], "cases");
}

#[test]
fn the_same_name_every_night_is_no_trouble() {
    let (place, node) = (Place::new(), Node::default());
    let mut folder = place.folder();
    for night in ["1", "2", "3"] {
        place.put(&[("export.csv", night)]);
        assert_eq!(twice(&mut folder, &node).imported, 1);
    }
    assert_eq!(node.taken(), ["1", "2", "3"]);
    assert_eq!(place.names("processed").len(), 9);
}

#[test]
fn what_only_time_can_lift_waits_in_order() {
    let (place, node) = (Place::new(), Node::default());
    let mut folder = place.folder();
    place.put(&[("1.csv", "1"), ("2.csv", "2")]);
    look(&mut folder, &node).unwrap();
    *node.later.lock().unwrap() = true;
    assert_eq!(look(&mut folder, &node), Err("the disk is full".to_owned()));
    assert!(folder.is_claimed().unwrap());
    assert_eq!(place.waiting(), 1);
    *node.later.lock().unwrap() = false;
    look(&mut folder, &node).unwrap();
    look(&mut folder, &node).unwrap();
    assert_eq!(node.taken(), ["1", "2"]);
    assert!(!folder.is_claimed().unwrap());
}

/// Stopped before the nth step, the folder opened again ends alike; the import is repeated only when
/// its end was not yet noted.
#[test]
fn stopped_before_any_step_the_rest_is_done_and_nothing_twice() {
    let all = [
        Step::Claim,
        Step::Import,
        Step::Summary,
        Step::Rejects,
        Step::Settle,
    ];
    let mut stops = 0;
    for stop_at in 0.. {
        let (place, node) = (Place::new(), Node::default());
        place.put(&[("1.csv", "1"), ("2.csv", "bad"), ("3.csv", "3")]);
        let mut folder = place.folder();
        look(&mut folder, &node).unwrap();
        let (mut steps, mut stopped) = (0, None);
        let outcome = folder.look(&node, NOW, &mut |step| {
            if steps == stop_at {
                stopped = Some(step);
                return Err(io::Error::other("killed"));
            }
            steps += 1;
            Ok(())
        });
        let Some(step) = stopped else {
            assert_eq!(outcome.unwrap().imported, 2);
            break;
        };
        stops += 1;
        assert!(outcome.is_err());
        assert_eq!(step, all[stop_at % all.len()]);
        // The process is gone, and with it everything that is not on the disk.
        drop(folder);
        let mut folder = place.folder();
        look(&mut folder, &node).unwrap();
        look(&mut folder, &node).unwrap();
        let mut taken = node.taken();
        let calls = taken.len();
        taken.dedup();
        assert_eq!(taken, ["1", "3"], "stopped at {step:?}");
        let repeated = step == Step::Summary && stop_at / all.len() != 1;
        assert_eq!(calls, 2 + usize::from(repeated), "stopped at {step:?}");
        assert_eq!(place.names("processed").len(), 6);
        assert_eq!(place.names("rejected").len(), 2);
        assert!(place.names("processing").is_empty());
        assert_eq!(place.waiting(), 0);
    }
    assert_eq!(stops, 15);
}

#[test]
fn links_and_special_files_are_never_followed() {
    let (place, node) = (Place::new(), Node::default());
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret.csv");
    fs::write(&secret, "secret").unwrap();
    symlink(&secret, place.path("link.csv")).unwrap();
    symlink(outside.path(), place.path("folder-link")).unwrap();
    let mut folder = place.folder();
    let seen = twice(&mut folder, &node);
    assert_eq!((seen.imported, seen.not_files), (0, 2));
    // Also one that was put where claimed files lie.
    let planted = place.path("processing/20261123T000000.000Z-link.csv");
    symlink(&secret, planted).unwrap();
    assert_eq!(look(&mut folder, &node).unwrap().refused, 1);
    assert!(node.taken().is_empty());
    assert_eq!(fs::read_to_string(&secret).unwrap(), "secret");
    fs::remove_dir_all(place.path("processed")).unwrap();
    symlink(outside.path(), place.path("processed")).unwrap();
    assert!(look(&mut folder, &node).unwrap_err().contains("not links"));
}

#[test]
fn settled_files_go_after_their_days() {
    let (place, node) = (Place::new(), Node::default());
    let mut folder = place.folder();
    place.put(&[("1.csv", "1"), ("2.csv", "bad")]);
    twice(&mut folder, &node);
    fs::write(place.path("processed/by-hand.txt"), "stays").unwrap();
    let after = |days: u64| Timestamp(NOW.0 + days * 86_400_000 + 1_000);
    assert_eq!(folder.tidy(30, after(29)).unwrap(), 0);
    assert_eq!(folder.tidy(30, after(30)).unwrap(), 5);
    assert!(Path::new(&place.path("processed/by-hand.txt")).exists());
    assert!(place.names("rejected").is_empty());
}
