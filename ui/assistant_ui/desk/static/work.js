// The officer's text and its ticket: saved with the version that was seen, kept when the service is gone,
// never put over somebody else's. It knows nothing of the page but tells it through `page`.

import { Gone, get, may, me, post, put } from "./api.js";
import { usable } from "./draft.js";
import { length } from "./forms.js";
import { OPEN } from "./words.js";

const LONGEST_REPLY = 20000;
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 15000;

/** The text a ticket holds: what an officer saved, else what was suggested. */
export const textOf = (ticket) =>
  ticket.reply?.text ?? (usable(ticket.suggestion) ? ticket.suggestion.answer.text : "");
const draftOf = (ticket) => ticket.reply?.draft_id ?? ticket.suggestion?.id ?? null;
const same = (one, two) => ["version", "draft", "stale"].every((key) => one[key] === two[key]);

export class Work {
  constructor(number, page) {
    this.number = number;
    this.page = page;
    this.ticket = null;
    this.text = ""; // as it stands in the editor
    this.saved = ""; // of it, what the service has
    this.seen = ""; // the service's text when it was last read
    this.draft = null; // the draft that the text's markers belong to
    this.rival = null; // a newer ticket that somebody else changed, until the officer has decided
    this.waiting = null; // while the service is gone: lets the next attempt begin
    this.queue = Promise.resolve(); // one change after another, each with the version the one before brought
  }

  get dirty() {
    return this.text !== this.saved;
  }

  get mine() {
    return this.ticket?.officer_id === me().id;
  }

  get editable() {
    return may("work") && this.mine && OPEN.includes(this.ticket.status) && !this.rival;
  }

  /** How long the text is and may be. */
  get length() {
    return length(this.text, LONGEST_REPLY);
  }

  get path() {
    return `/tickets/${this.number}`;
  }

  // -- reading ---------------------------------------------------------------------------------------------------

  async open() {
    this.take(await get(this.path));
    this.recover();
  }

  /** Accept the service's ticket; the officer's text stays where it differs from what was saved. */
  take(ticket) {
    const clean = !this.dirty || this.ticket === null;
    this.ticket = ticket;
    this.seen = textOf(ticket);
    if (clean) {
      this.text = this.saved = this.seen;
      this.draft = draftOf(ticket);
    }
    this.page.shown();
  }

  /** Look whether the ticket has changed; what others did is told, and their text is never lost under ours. */
  async refresh() {
    const fresh = await get(this.path);
    if (!same(fresh, this.ticket)) this.settle(fresh, "");
  }

  /** The ticket as it is after something was done to it elsewhere than here. */
  async again() {
    this.take(await get(this.path));
  }

  /** The same for a ticket that lies open, from the list of the officer's own: that is not a reading of the ticket. */
  async look() {
    const { items } = await get("/tickets?officer=me&open=true&size=200");
    const found = items.find((ticket) => ticket.number === this.number);
    if (!found || !same(found, this.ticket)) await this.refresh();
  }

  // -- changing --------------------------------------------------------------------------------------------------

  change(text, draft = this.draft) {
    this.text = text;
    this.draft = draft;
    this.keep();
    this.page.changed();
  }

  /** The officer keeps their text although there is a newer draft: it now belongs to that one. */
  adopt(text) {
    this.change(text, this.ticket.suggestion.id);
    this.saved = null; // also where not a letter has changed
    return this.save();
  }

  /** Save what differs. True where nothing is left to save. */
  save() {
    return this.inTurn(async () => {
      if (!this.dirty && this.ticket.reply) return true;
      if (this.length.over) {
        this.page.tooLong();
        return false;
      }
      return this.guarded(() => this.send());
    });
  }

  /** A change of the ticket other than its text. True where it was made. */
  act(path, body = {}) {
    return this.inTurn(() =>
      this.guarded(async () => this.take(await post(`${this.path}${path}`, { version: this.ticket.version, ...body }))),
    );
  }

  /** A change after which there is no more to type: what was typed is saved first, and kept with the ticket. */
  async close(path, body) {
    return (!this.dirty || (await this.save())) && this.act(path, body);
  }

  /** Make something of the ticket; returns it, or null where that was refused. */
  async make(path, body = {}) {
    let made = null;
    const done = await this.inTurn(() =>
      this.guarded(async () => {
        made = await post(`${this.path}${path}`, { version: this.ticket.version, ...body });
        await this.again();
      }),
    );
    return done ? made : null;
  }

  /** A note overwrites nothing, so it names no version. */
  note(text) {
    return this.inTurn(() => this.guarded(async () => this.take(await post(`${this.path}/notes`, { text }))));
  }

  inTurn(work) {
    const next = this.queue.then(work);
    this.queue = next.catch(() => {});
    return next;
  }

  async send() {
    const text = this.text;
    const ticket = await put(`${this.path}/reply`, { version: this.ticket.version, text, draft_id: this.draft });
    this.saved = text;
    this.ticket = ticket;
    this.seen = textOf(ticket);
    this.keep();
    this.page.shown();
    this.page.savedAt(new Date());
  }

  async guarded(work) {
    if (this.rival) {
      this.page.conflict(this.rival);
      return false;
    }
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof Gone) this.outage({ doing: true });
      else if (error.status === 409) await this.conflict(error.message);
      else this.page.failed(error.message);
      return false;
    }
  }

  // -- two officers ----------------------------------------------------------------------------------------------

  async conflict(said) {
    try {
      this.settle(await get(this.path), said);
    } catch (error) {
      if (error instanceof Gone) this.outage();
      else this.page.failed(error.message);
    }
  }

  settle(fresh, said) {
    const theirs = textOf(fresh);
    if (this.dirty && theirs === this.text) this.saved = this.text; // ours had arrived, only the answer was lost
    const overwritten = this.dirty && theirs !== this.seen && Boolean(fresh.reply?.edited_by);
    const lost = this.dirty && (fresh.officer_id !== me().id || !OPEN.includes(fresh.status));
    const before = this.ticket;
    if (overwritten || lost) {
      this.rival = fresh;
      this.page.conflict(fresh);
    } else {
      this.take(fresh);
      this.page.news(before, fresh, said, this.dirty);
    }
    this.keep();
  }

  /** The officer has read of the newer text: theirs stays in the editor, to be saved in its place, or they take it. */
  decide(keepMine) {
    const fresh = this.rival;
    this.rival = null;
    if (!keepMine) this.saved = this.text;
    this.take(fresh);
    this.keep();
  }

  // -- outage ----------------------------------------------------------------------------------------------------

  /** The service is gone: say so, try again at growing intervals, and say when the text is safe. */
  async outage({ doing = false } = {}) {
    if (this.waiting) return;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      this.page.gone(pause);
      await new Promise((resolve) => {
        this.waiting = resolve;
        setTimeout(resolve, pause);
      });
      const unsaved = this.dirty && this.editable && !this.length.over;
      try {
        if (unsaved && !this.rival) await this.send();
        else await this.refresh();
      } catch (error) {
        if (error instanceof Gone) continue;
        this.waiting = null;
        this.page.back({ saved: false, doing });
        if (error.status === 409) await this.conflict(error.message);
        else this.page.failed(error.message);
        return;
      }
      this.waiting = null;
      this.page.back({ saved: unsaved, doing });
      return;
    }
  }

  // -- the browser tab's copy ------------------------------------------------------------------------------------

  get key() {
    return `desk:reply:${me().id}:${this.number}`;
  }

  keep() {
    if (this.dirty)
      sessionStorage.setItem(this.key, JSON.stringify({ text: this.text, seen: this.seen, draft: this.draft }));
    else sessionStorage.removeItem(this.key);
  }

  /** Text of an earlier visit that was never saved. */
  recover() {
    const kept = JSON.parse(sessionStorage.getItem(this.key) ?? "null");
    if (!kept || kept.text === this.seen) return;
    const fresh = this.ticket;
    this.text = kept.text;
    this.draft = kept.draft;
    if (kept.seen === this.seen && this.editable) {
      this.page.recovered();
      this.page.changed();
    } else {
      this.rival = fresh;
      this.page.conflict(fresh);
    }
    this.page.shown();
  }
}
