// Theme and text size: chosen here, kept on this phone only, seen at once.

export default function display(form) {
  try {
    for (const name of ["theme", "text"]) form.elements[name].value = localStorage.getItem(`o2o.${name}`) ?? "";
  } catch {
    return;
  }
  form.hidden = false;
  form.addEventListener("change", ({ target }) => {
    if (target.value) localStorage.setItem(`o2o.${target.name}`, target.value);
    else localStorage.removeItem(`o2o.${target.name}`);
    document.dispatchEvent(new CustomEvent("o2o:display"));
  });
}
