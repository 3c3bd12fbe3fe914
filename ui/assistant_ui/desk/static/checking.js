// How the sentences of the reply stand: asked anew a moment after the officer stops typing.

import { Gone, may, post } from "./api.js";
import { find } from "./dom.js";
import * as editor from "./editor.js";

const AFTER = 600;

let checked = { text: null, draft: null, sentences: [], citations: [] };
let timer = null;
let turn = 0;

/** What the reply may cite: of the text that was checked, else of what is saved or suggested. */
export function citations({ draft, ticket: { reply, suggestion } }) {
  if (checked.text !== null && checked.draft === draft) return checked.citations;
  if (reply && reply.draft_id === draft) return reply.citations;
  return suggestion?.answer?.citations ?? [];
}

/** Shows what is known of the text, and asks where nothing is. `render` shows the page once that is known. */
export function show(work, render) {
  const { reply, suggestion } = work.ticket;
  if (checked.text === work.text && checked.draft === work.draft) return editor.stand(checked.sentences, true);
  if (reply?.text === work.text && reply.draft_id === work.draft) return editor.stand(reply.sentences, true);
  if (!may("work")) return editor.stand((suggestion?.answer?.sentences ?? []).map(asDrafted), true);
  editor.stand(checked.sentences, false);
  if (timer === null) later(work, render);
}

/** A draft's own account, for those who may not have it checked. */
function asDrafted(sentence) {
  const standing = { true: "follows", false: "not in source" }[sentence.supported] ?? "own words";
  return { ...sentence, standing };
}

export function later(work, render) {
  clearTimeout(timer);
  timer = setTimeout(() => check(work, render), AFTER);
}

async function check(work, render) {
  timer = null;
  turn += 1;
  const mine = turn;
  const { text, draft } = work;
  const known = (sentences, cited) => {
    checked = { text, draft, sentences, citations: cited };
    render();
  };
  if (!text.trim()) return known([], citations(work));
  if (!may("work")) return;
  if (work.rival || work.length.over) {
    find("#standing-sum").textContent = work.rival ? "Not checked" : "Not checked: too long";
    return;
  }
  try {
    const reply = await post(`${work.path}/check`, { version: work.ticket.version, text, draft_id: draft });
    if (mine === turn) known(reply.sentences, reply.citations);
  } catch (error) {
    if (mine !== turn) return;
    if (error instanceof Gone) work.outage();
    else if (error.status === 409) await work.conflict(error.message);
    else find("#standing-sum").textContent = `Not checked: ${error.message}`;
  }
}
