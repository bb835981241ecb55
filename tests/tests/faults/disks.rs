use anyhow::ensure;
use sanctuary_tests::SmallDisk;

use crate::scene::Scene;

#[test]
fn a_full_disk_of_the_hub_stops_pushes_and_loses_nothing() -> anyhow::Result<()> {
    let mut scene = Scene::set(300)?;
    let (first, second) = (scene.agency(0), scene.agency(1));
    scene.town.process("hub")?.stop()?;
    let data = scene.town.party("hub").join("data");
    let Some(disk) = SmallDisk::over(&data, 40)? else {
        eprintln!("SKIPPED: a full disk, because this user may not mount a tmpfs");
        return Ok(());
    };
    scene.town.start("hub")?;
    scene.town.until_up()?;
    disk.fill_but(256)?;
    scene.import(&first)?;
    scene.import(&second)?;
    // Whose batch meets the full disk depends on who pushes first.
    let problem = scene
        .town
        .until_problem_of_any(&[&first, &second], "free")?;
    ensure!(
        problem.contains("the outbox waits") && problem.contains("space"),
        "{problem}"
    );
    disk.free()?;
    // As the error says; it may also have ended by itself.
    scene.town.process("hub")?.kill_9()?;
    scene.town.start("hub")?;
    scene.town.until_up()?;
    scene.nothing_is_lost()
}

#[test]
fn a_full_disk_of_a_node_is_named_and_the_import_can_be_repeated() -> anyhow::Result<()> {
    let mut scene = Scene::set(400)?;
    let (first, second) = (scene.agency(0), scene.agency(1));
    scene.town.process(&first)?.stop()?;
    let data = scene.town.party(&first).join("data");
    let Some(disk) = SmallDisk::over(&data, 40)? else {
        eprintln!("SKIPPED: a full disk, because this user may not mount a tmpfs");
        return Ok(());
    };
    disk.fill_but(64)?;
    let (mapping, csv) = (scene.files.mapping(&first), scene.files.csv(&first));
    let paths = [&mapping, &csv].map(|path| path.display().to_string());
    let said = scene
        .town
        .node(&first, "import", &["--mapping", &paths[0], &paths[1]])?;
    println!("exit {:?}: {}", said.code, said.err);
    ensure!(said.code == Some(1), "{said:?}");
    ensure!(
        said.err.contains("space") || said.err.contains("full"),
        "{}",
        said.err
    );
    disk.free()?;
    scene.town.start(&first)?;
    scene.town.until_up()?;
    scene.import(&first)?;
    scene.import(&second)?;
    scene.nothing_is_lost()
}
