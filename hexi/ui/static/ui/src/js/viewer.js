// x-data="viewer": one material at a time with flip, zoom and rotate, by button or by [ ] + - r.
// Markup by the macro ui.viewer; without JavaScript all pages stand below each other.

export const viewer = () => ({
  place: 0,
  zoom: 1,
  turn: 0,
  total: 0,
  init() {
    this.total = this.pages().length;
    this.show();
  },
  pages() {
    return [...this.$root.querySelectorAll("[data-page]")];
  },
  show() {
    this.pages().forEach((page, place) => {
      page.hidden = place !== this.place;
      page.classList.remove("turned-1", "turned-2", "turned-3", "zoomed-2", "zoomed-3", "zoomed-4");
      if (this.turn) page.classList.add(`turned-${this.turn}`);
      if (this.zoom > 1) page.classList.add(`zoomed-${this.zoom}`);
    });
  },
  go(step) {
    this.place = (this.place + step + this.total) % this.total;
    this.turn = 0;
    this.show();
  },
  next() {
    this.go(1);
  },
  previous() {
    this.go(-1);
  },
  larger() {
    this.zoom = Math.min(this.zoom + 1, 4);
    this.show();
  },
  smaller() {
    this.zoom = Math.max(this.zoom - 1, 1);
    this.show();
  },
  rotate() {
    this.turn = (this.turn + 1) % 4;
    this.show();
  },
  press(event) {
    if (event.target.closest("input, textarea, select")) return;
    const acts = { "]": this.next, "[": this.previous, "+": this.larger, "-": this.smaller, r: this.rotate };
    acts[event.key]?.call(this);
  },
  label() {
    return this.total ? `${this.place + 1} / ${this.total}` : "";
  },
});
