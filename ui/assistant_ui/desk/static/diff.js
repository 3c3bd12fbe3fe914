// The difference between two texts, word by word: a longest common subsequence, in whatever script.

const WORDS = new Intl.Segmenter("en", { granularity: "word" });
const LARGEST = 6_000_000; // cells of the table; beyond it the middle is shown as replaced

const pieces = (text) => Array.from(WORDS.segment(text), (found) => found.segment);

/** [["same" | "removed" | "added", text], …] that lead from one text to the other. */
export function difference(before, after) {
  const one = pieces(before);
  const two = pieces(after);
  let start = 0;
  while (start < one.length && start < two.length && one[start] === two[start]) start += 1;
  let tail = 0;
  while (tail < one.length - start && tail < two.length - start && one.at(-1 - tail) === two.at(-1 - tail)) tail += 1;
  const middle = between(one.slice(start, one.length - tail), two.slice(start, two.length - tail));
  const runs = [...one.slice(0, start).map(same), ...middle, ...one.slice(one.length - tail).map(same)];
  return joined(runs);
}

const same = (piece) => ["same", piece];

function between(one, two) {
  if (one.length * two.length > LARGEST)
    return [
      ["removed", one.join("")],
      ["added", two.join("")],
    ];
  const width = two.length + 1;
  const length = new Uint16Array((one.length + 1) * width);
  for (let i = one.length - 1; i >= 0; i -= 1) {
    for (let j = two.length - 1; j >= 0; j -= 1) {
      length[i * width + j] =
        one[i] === two[j]
          ? length[(i + 1) * width + j + 1] + 1
          : Math.max(length[(i + 1) * width + j], length[i * width + j + 1]);
    }
  }
  const runs = [];
  let i = 0;
  let j = 0;
  while (i < one.length || j < two.length) {
    if (i < one.length && j < two.length && one[i] === two[j]) {
      runs.push(same(one[i]));
      i += 1;
      j += 1;
    } else if (j >= two.length || (i < one.length && length[(i + 1) * width + j] >= length[i * width + j + 1])) {
      runs.push(["removed", one[i]]);
      i += 1;
    } else {
      runs.push(["added", two[j]]);
      j += 1;
    }
  }
  return runs;
}

/** Neighbours of one kind as one; between two changes a lone space counts as changed too, so that phrases stay whole. */
function joined(runs) {
  const groups = [];
  let removed = "";
  let added = "";
  const flush = () => {
    if (removed) groups.push(["removed", removed]);
    if (added) groups.push(["added", added]);
    removed = added = "";
  };
  runs.forEach(([kind, piece], position) => {
    const bridge =
      kind === "same" && !piece.trim() && (removed || added) && runs[position + 1] && runs[position + 1][0] !== "same";
    if (kind === "removed" || bridge) removed += piece;
    if (kind === "added" || bridge) added += piece;
    if (kind !== "same" || bridge) return;
    flush();
    if (groups.at(-1)?.[0] === "same") groups.at(-1)[1] += piece;
    else groups.push(["same", piece]);
  });
  flush();
  return groups;
}
