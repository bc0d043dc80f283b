/** What people do today, in the order in which it works: kubectl, sed, git, and what flux reconcile asks of the API. */
export const shellFlow = `set -eu
kubectl create namespace external-secrets --dry-run=client -o yaml | kubectl apply -f - >/dev/null
base64 -w0 "$CREDENTIALS" | kubectl create secret generic onepassword-connect-secret -n external-secrets \\
  --from-file=1password-credentials.json=/dev/stdin --dry-run=client -o yaml | kubectl apply -f -
kubectl create secret generic onepassword-connect-token -n external-secrets \\
  --from-file=token="$TOKEN" --dry-run=client -o yaml | kubectl apply -f -
cd "$REPO"
sed -i "s/^\\( *\\)your-vault: 1/\\1$VAULT: 1/; s/^\\( *\\)homelab: 1/\\1$VAULT: 1/" "$FOLDER"/secretstores/*.yaml
sed -i 's/^\\( *\\)# - \\(onepassword-connect\\|secretstores\\)$/\\1- \\2/' "$FOLDER"/kustomization.yaml
git add "$FOLDER"
git diff --cached --quiet || git commit --quiet -m "Enable 1Password Connect"
git push --quiet origin HEAD:main
now=$(date +%s%N)
kubectl annotate gitrepository flux-system -n flux-system --overwrite "reconcile.fluxcd.io/requestedAt=$now"
kubectl wait gitrepository flux-system -n flux-system --timeout=60s --for="jsonpath={.status.lastHandledReconcileAt}=$now"
for each in external-secrets; do
  kubectl annotate kustomization.kustomize.toolkit.fluxcd.io $each -n flux-system --overwrite "reconcile.fluxcd.io/requestedAt=$now"
  kubectl wait kustomization.kustomize.toolkit.fluxcd.io $each -n flux-system --timeout=60s --for="jsonpath={.status.lastHandledReconcileAt}=$now"
done
`
