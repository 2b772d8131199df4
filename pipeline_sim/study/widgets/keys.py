"""How the keys in a widget stay the widget's, and arrows go from answer to answer.

JupyterLab takes arrows, letters and Enter for its own commands unless the page says otherwise, and ipywidgets' radio
buttons are no group for the browser. Both can only be said in the browser: by this widget, which is not seen.
"""

from __future__ import annotations

import anywidget
import traitlets


class Keys(anywidget.AnyWidget):
    """Put into a box of class `ps-study`; it marks that box, and names the groups in it, now and when they change. `label`
    is what a screen reader calls a group."""

    label = traitlets.Unicode("").tag(sync=True)

    _esm = """
    let groups = 0;

    function group(box, label) {
      const name = `ps-group-${groups += 1}`;
      box.setAttribute("role", "radiogroup");
      box.setAttribute("aria-label", label);
      for (const input of box.querySelectorAll("input[type=radio]")) input.name = name;
    }

    function tend(root, label) {
      const named = box => box.querySelector("input[type=radio]:not([name])");
      for (const box of root.querySelectorAll(".widget-radio-box")) if (named(box)) group(box, label);
    }

    export default {
      render({ model, el }) {
        el.style.display = "none";
        let watch;
        const begin = tries => {
          const root = el.closest(".ps-study");
          if (!root) return tries && requestAnimationFrame(() => begin(tries - 1));
          root.setAttribute("data-lm-suppress-shortcuts", "true");
          root.addEventListener("keydown", event => event.stopPropagation());  // the notebook would take the focus
          const label = model.get("label");
          watch = new MutationObserver(() => tend(root, label));
          watch.observe(root, { childList: true, subtree: true });
          tend(root, label);
        };
        begin(100);
        return () => watch?.disconnect();
      },
    };
    """


class Turning(anywidget.AnyWidget):
    """Put into a box of class `ps-demo`: PageDown, PageUp, `n` and `b` in it turn the pages. `turned` counts them."""

    turned = traitlets.Int(0).tag(sync=True)

    _esm = """
    const STEPS = { PageDown: 1, PageUp: -1, n: 1, b: -1 };
    const WRITES = "input, textarea, select, [contenteditable=true]";

    export default {
      render({ model, el }) {
        el.style.display = "none";
        let root;
        const turn = event => {
          const step = STEPS[event.key];
          if (!step || event.ctrlKey || event.metaKey || event.altKey || event.target.closest(WRITES)) return;
          event.preventDefault();
          event.stopPropagation();
          model.set("turned", model.get("turned") + step);
          model.save_changes();
        };
        const begin = tries => {
          root = el.closest(".ps-demo");
          if (!root) return tries && requestAnimationFrame(() => begin(tries - 1));
          root.tabIndex = -1;
          root.addEventListener("keydown", turn, true);  // before the console takes the key
        };
        begin(100);
        return () => root?.removeEventListener("keydown", turn, true);
      },
    };
    """
