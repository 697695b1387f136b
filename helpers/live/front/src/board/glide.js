// Cards glide from where they were to where they are. Nothing moves for who asked for that.

/** In a crowd nobody can follow a card, and measuring all of them costs frames. */
const GLIDE_AT_MOST = 40;
/** Pixels: what moves less is not seen to, and what moves more is not followed. */
const [NEAREST, FARTHEST] = [4, 2000];

/** Draw, and move the cards (`data-glide`) to their new places.
 * @param {HTMLElement} root
 * @param {() => void} draw */
export function glide(root, draw) {
  const cards = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-glide]"));
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches || document.hidden;
  if (still || !cards.length || cards.length > GLIDE_AT_MOST) return draw();
  const before = new Map([...cards].map((node) => [node.dataset.glide, node.getBoundingClientRect()]));
  draw();
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-glide]"))) {
    const was = before.get(node.dataset.glide);
    if (!was) {
      node.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 180, easing: "ease-out" });
      continue;
    }
    const is = node.getBoundingClientRect();
    const [x, y] = [was.left - is.left, was.top - is.top];
    const distance = Math.abs(x) + Math.abs(y);
    if (distance > NEAREST && distance < FARTHEST) {
      const from = { transform: `translate(${x}px, ${y}px)` };
      node.animate([from, { transform: "none" }], { duration: 260, easing: "ease-out" });
    }
  }
}
