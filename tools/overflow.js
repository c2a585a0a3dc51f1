/* What of the screen a reader of a narrow window can't see without pushing it sideways.

   Odoo's content scrolls inside containers, so that the page itself is never wider than the window.
   Measured is where each element and each line of text ends. Answers a list of sentences, one for each
   innermost element that sticks out. */
(tolerance) => {
    const VIEWS = ".o_action_manager, .modal";
    // These scroll sideways in Odoo by design: lists (in forms, too), pivots, charts, calendars, tabs.
    const SCROLLERS =
        ".o_list_renderer, .table-responsive, .o_pivot, .o_graph_renderer, .o_calendar_view, .o_notebook_headers";
    // Odoo's own: its chatter is up to 16 pixels wider than a phone below the forms of orders and invoices;
    // breadcrumbs, states and the search line fold away by rules of their own; a ribbon is cut on purpose.
    const ODOO = ".o-mail-Form-chatter, .o-mail-Chatter, .o_control_panel, .o_statusbar_status, .o_widget_web_ribbon";
    // Columns of a row carry half of its gutter on each side: an empty margin, 16 pixels at most.
    const GUTTER = 16;

    // A column of a kanban is one screen of its own: one swipes from column to column.
    const getEdge = (element) =>
        element.closest(".o_kanban_group")?.getBoundingClientRect().right ?? window.innerWidth;
    const scrolls = (element) => ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
    const shortens = (element) => getComputedStyle(element).textOverflow === "ellipsis";

    function isExcused(element) {
        if (element.closest(ODOO)) {
            return true;
        }
        for (let node = element.parentElement; node; node = node.parentElement) {
            if (shortens(node) || (node.matches(SCROLLERS) && scrolls(node))) {
                return true;
            }
        }
        return false;
    }

    function isVisible(element) {
        const box = element.getBoundingClientRect();
        return box.width > 0 && box.height > 0
            && element.checkVisibility({opacityProperty: true, visibilityProperty: true});
    }

    function getTextEnd(element) {
        let end = -Infinity;
        for (const node of element.childNodes) {
            if (node.nodeType === Node.TEXT_NODE && node.textContent.trim()) {
                const range = document.createRange();
                range.selectNodeContents(node);
                end = Math.max(end, ...[...range.getClientRects()].map((line) => line.right));
            }
        }
        return shortens(element) ? -Infinity : end;
    }

    function getEnd(element) {
        const box = element.getBoundingClientRect();
        const margin = element.children.length ? GUTTER : 0;
        return Math.max(box.right - margin, getTextEnd(element));
    }

    function describe(element, excess) {
        const named = element.closest("[name]");
        const classes = [...element.classList].slice(0, 4).map((name) => "." + name).join("");
        const field = named ? ` in ${named.getAttribute("name")}` : "";
        const text = element.textContent.trim().replace(/\s+/g, " ").slice(0, 40);
        return `${element.tagName.toLowerCase()}${classes}${field} is ${Math.round(excess)} pixels too wide: "${text}"`;
    }

    const found = new Map();
    for (const view of document.querySelectorAll(VIEWS)) {
        for (const element of view.querySelectorAll("*")) {
            const excess = getEnd(element) - getEdge(element);
            if (excess > tolerance && isVisible(element) && !isExcused(element)) {
                found.set(element, excess);
            }
        }
    }
    const holders = new Set();
    for (const element of found.keys()) {
        for (let node = element.parentElement; node; node = node.parentElement) {
            holders.add(node);
        }
    }
    return [...found].filter(([element]) => !holders.has(element)).map(([node, excess]) => describe(node, excess));
}
