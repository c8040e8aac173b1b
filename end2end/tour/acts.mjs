// What is done to a page before its picture is made. By names of fields and kinds of elements, not by words: the words are in two languages.

// Where the form is: in the dialog over the page, or on the page.
const scope = async (page) => ((await page.locator('dialog[open]').count()) ? page.locator('dialog[open]').last() : page.locator('main'));

// Sets fields by their names in the form; a list sets several boxes.
export async function fillIn(page, fields) {
  const around = await scope(page);
  for (const [name, value] of Object.entries(fields)) {
    const field = around.locator(`[name="${name}"]`);
    const kind = await field.first().evaluate((node) => node.type);
    if (kind === 'radio' || kind === 'checkbox') await around.locator(`[name="${name}"][value="${value}"]`).check({ force: true });
    else if (kind === 'select-one') await field.first().selectOption(value);
    else if (kind === 'file') await field.first().setInputFiles(value);
    else await field.first().fill(value);
  }
}

// Fills in and sends the form that has the first of the fields, or the only one.
export async function send(page, fields = {}) {
  await fillIn(page, fields);
  const around = await scope(page);
  const [first] = Object.keys(fields);
  const form = first ? around.locator(`form:has([name="${first}"])`) : around.locator('form[method="post"]');
  await form.first().evaluate((node) => node.requestSubmit());
}

// Sends what the server has to refuse, and waits until the page says so.
export const refused = (fields) => async (page) => {
  await send(page, fields);
  await page.locator('[role="alert"]').filter({ hasText: /./, visible: true }).first().waitFor();
};

// Opens the nth dialog that the page offers.
export const dialog = (nth = 0, then = async () => {}) => async (page) => {
  await page.locator('main button[aria-haspopup="dialog"]:not([aria-disabled])').nth(nth).click();
  await page.locator('dialog[open]').waitFor();
  await then(page);
};

// By its button, because the menu stands where that is.
export const popover = (id) => (page) => page.locator(`[popovertarget="${id}"]`).click();

// Opens all that is folded.
export const unfold = (page) => page.locator('main details').evaluateAll((all) => all.forEach((each) => (each.open = true)));

export const press = (keys) => (page) => page.keyboard.press(keys);
