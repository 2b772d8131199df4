// Time in the hand: the cursor's way, playing, stops, and the bar of buttons.

// A text for a moment: on the simulation's calendar, and since the clock's start.
function clockOf(film, time) {
  const minutes = Number(film.zone.slice(0, 1) + (Number(film.zone.slice(1, 3)) * 60 + Number(film.zone.slice(3))));
  const at = new Date((film.start + time + minutes * 60) * 1000).toISOString();
  const day = new Date(`${at.slice(0, 10)}T00:00Z`).toLocaleDateString("en-GB",
    { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  return { day, hour: at.slice(11, 19), since: elapsed(time) };
}

function elapsed(time) {
  const days = Math.floor(time / 86400), two = value => String(Math.floor(value)).padStart(2, "0");
  return `${days ? `${days}d ` : ""}${Math.floor(time / 3600) % 24}:${two(time / 60 % 60)}:${two(time % 60)}`;
}
