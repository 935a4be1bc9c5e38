// Chosen photos: shown, taken back, and made small on the phone, so that place and camera data never leave it.

const LONGEST = 2048;

async function small(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const factor = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * factor);
    canvas.height = Math.round(picture.height * factor);
    const brush = canvas.getContext("2d");
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return blob ? new File([blob], "photo.jpg", { type: "image/jpeg" }) : file;
  } catch {
    // What this phone cannot read goes as it is: the server says what is wrong with it.
    return file;
  }
}

export default function photos(box) {
  if (!window.DataTransfer || !window.createImageBitmap) return;
  const input = box.querySelector("input[type=file]");
  const list = box.querySelector("[data-shots]");
  const add = box.querySelector("[data-add]");
  const { most, sayMost, sayRemove } = box.dataset;
  let chosen = [];
  // The browser's own field speaks the browser's language: a button of the page's takes its place.
  add.hidden = false;
  input.hidden = true;
  add.onclick = () => input.click();

  function item(file, index) {
    const shot = document.createElement("li");
    const image = new Image();
    image.alt = file.name;
    image.src = URL.createObjectURL(file);
    image.onload = () => URL.revokeObjectURL(image.src);
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "btn";
    remove.textContent = "×";
    remove.setAttribute("aria-label", `${sayRemove} ${index + 1}`);
    remove.onclick = () => {
      chosen.splice(index, 1);
      show();
      add.focus();
    };
    shot.append(image, remove);
    return shot;
  }

  function show() {
    const files = new DataTransfer();
    for (const file of chosen) files.items.add(file);
    input.files = files.files;
    list.replaceChildren(...chosen.map(item));
    list.hidden = !chosen.length;
  }

  function wait(isBusy) {
    for (const button of input.form.querySelectorAll("[type=submit]")) button.disabled = isBusy;
    box.setAttribute("aria-busy", isBusy);
  }

  async function take() {
    wait(true);
    const room = most - input.form.querySelectorAll("[name=kept]:checked").length;
    const fresh = [...input.files];
    if (!input.multiple) chosen = [];
    const isTooMany = chosen.length + fresh.length > room;
    // One after the other: six large pictures at once are too much for a small phone.
    for (const file of fresh) if (chosen.length < room) chosen.push(await small(file));
    show();
    wait(false);
    if (isTooMany) import("./toast.js").then((module) => module.say(sayMost, "wait"));
  }

  input.addEventListener("change", take);
  // Photos may have been chosen before this module was here; a browser may also have kept them over a reload.
  if (input.files.length) take();
}
